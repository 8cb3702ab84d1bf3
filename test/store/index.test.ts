import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { storeEngines, stores } from '../../src/store/index.ts'
import { durabilities } from '../../src/store/store.ts'
import { storeContract } from '../contract/store-contract.ts'
import { levelOptions } from '../support/level-options.ts'

let root: string
let opened = 0
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'erji-store-'))
})
afterAll(() => rm(root, { recursive: true }))

const durabilitiesOf = { level: durabilities, memory: ['none'] } as const satisfies Record<
  keyof typeof stores,
  unknown
>

for (const engine of storeEngines) {
  for (const durability of durabilitiesOf[engine]) {
    storeContract(`${engine} with durability ${durability}`, () =>
      stores[engine](levelOptions(join(root, `${opened++}`), { durability })),
    )
  }
  test(`${engine} declares the durabilities that its contract is run with`, async () => {
    const store = await stores[engine](levelOptions(join(root, `${opened++}`)))
    expect(store.capabilities.durabilities).toEqual(durabilitiesOf[engine])
    expect(store.engine).toBe(engine)
    await store.close()
  })
}
