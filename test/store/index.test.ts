import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stores } from '../../src/store/index.ts'
import { durabilities } from '../../src/store/store.ts'
import { storeContract } from '../contract/store-contract.ts'
import { storeOptionsFor } from '../support/store-options.ts'

let root: string
let opened = 0
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'erji-store-'))
})
afterAll(() => rm(root, { recursive: true }))

// The distributed engine passes the same suite over a real cluster, in test/cluster.
const durabilitiesOf = { level: durabilities, memory: ['none'] } as const satisfies Record<
  Exclude<keyof typeof stores, 'cassandra'>,
  unknown
>

for (const engine of ['level', 'memory'] as const) {
  for (const durability of durabilitiesOf[engine]) {
    storeContract(`${engine} with durability ${durability}`, () =>
      stores[engine](storeOptionsFor(join(root, `${opened++}`), { durability })),
    )
  }
  test(`${engine} declares the durabilities that its contract is run with`, async () => {
    const store = await stores[engine](storeOptionsFor(join(root, `${opened++}`)))
    expect(store.capabilities.durabilities).toEqual(durabilitiesOf[engine])
    expect(store.engine).toBe(engine)
    await store.close()
  })
}
