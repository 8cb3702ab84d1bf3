import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasRocks, openRocksStore } from '../../../bench/scale/rocks-store.ts'
import { storeContract } from '../../contract/store-contract.ts'

let root: string
let opened = 0
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'erji-rocks-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

const optionsFor = (durability: 'sync' | 'os') => ({
  directory: join(root, `${opened++}`),
  durability,
  writeBufferBytes: 2 ** 20,
  blockCacheBytes: 2 ** 20,
  groupMutationsMax: 1000,
})

// `scripts/install-rocksdb.ts` installs it where it is to be compared; a machine without it has nothing to hold to the contract.
describe.runIf(hasRocks())('RocksDB beside the engines of the node', () => {
  for (const durability of ['sync', 'os'] as const) {
    storeContract(`rocksdb with durability ${durability}`, () => openRocksStore(optionsFor(durability)))
  }

  test('what was committed, and how much it is, is there when the store is opened again', async () => {
    const options = optionsFor('sync')
    const store = await openRocksStore(options)
    await store.commit([{ key: '1/A', value: Buffer.of(1, 2), precondition: { kind: 'absent' } }])
    await store.close()
    const again = await openRocksStore(options)
    expect(Buffer.from((await again.get('1/A')) ?? [])).toEqual(Buffer.of(1, 2))
    expect([again.count('1'), again.countAll()]).toEqual([1, 1])
    await again.close()
  })
})
