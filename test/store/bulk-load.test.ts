import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BulkBatch } from '../../src/store/bulk-batch.ts'
import { openBulkLoad } from '../../src/store/bulk-load.ts'
import { openLevelStore } from '../../src/store/level.ts'
import { levelOptions } from '../support/level-options.ts'

let root: string
let made = 0
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'erji-bulk-'))
})
afterAll(() => rm(root, { recursive: true }))

const freshDirectory = (): string => join(root, `${made++}`)
const options = (directory: string, source = 'a test') => ({
  directory,
  source,
  startSeconds: 1_750_000_000,
  diskReserveBytes: 0,
})

test('a finished load is a store like any other: records, counts and order', async () => {
  const directory = freshDirectory()
  const load = await openBulkLoad(options(directory))
  await load.write(batchOf('88.1/A', '88.1/B'))
  await load.write(batchOf('88.1/标'))
  await load.finish(new Map([['88.1', 3]]))
  await load.close()

  const store = await openLevelStore(levelOptions(directory))
  expect([store.count('88.1'), store.countAll()]).toEqual([3, 3])
  expect(Buffer.from(store.get('88.1/标') ?? []).toString()).toBe('record of 88.1/标')
  const { entries } = await store.scan({ keyPrefix: '', entriesMax: 10 })
  expect(entries.map(({ key }) => key)).toEqual(['88.1/A', '88.1/B', '88.1/标'])
  await store.commit([
    { key: '88.1/C', value: Buffer.from('x'), precondition: { kind: 'absent' } },
    { key: '88.1/A', value: undefined, precondition: { kind: 'present' } },
  ])
  expect(store.count('88.1')).toBe(3)
  await store.close()
})

test('what a store counted before a load is added to', async () => {
  const directory = freshDirectory()
  const store = await openLevelStore(levelOptions(directory))
  await store.commit([{ key: '88.1/ADMIN', value: Buffer.from('x'), precondition: { kind: 'none' } }])
  await store.close()
  const load = await openBulkLoad(options(directory))
  await load.write(batchOf('88.1/B'))
  await load.finish(new Map([['88.1', 1]]))
  await load.close()
  const again = await openLevelStore(levelOptions(directory))
  expect(again.count('88.1')).toBe(2)
  await again.close()
})

test('a load that was killed at its very end counts its records once and keeps its start time', async () => {
  const directory = freshDirectory()
  const marker = join(directory, 'erji-store.json')
  const first = await openBulkLoad(options(directory))
  await first.write(batchOf('88.1/A', '88.1/B'))
  const markerBeforeEnd = await readFile(marker)
  await first.finish(new Map([['88.1', 2]]))
  await first.close()
  // What a kill leaves that comes between the counting and the marker.
  await writeFile(marker, markerBeforeEnd)

  const second = await openBulkLoad({ ...options(directory), startSeconds: 1_760_000_000 })
  expect(second.startSeconds).toBe(1_750_000_000)
  await second.finish(new Map([['88.1', 2]]))
  await second.close()
  const store = await openLevelStore(levelOptions(directory))
  expect([store.count('88.1'), store.countAll()]).toEqual([2, 2])
  await store.close()

  const later = await openBulkLoad({ ...options(directory, 'another'), startSeconds: 1_770_000_000 })
  expect(later.startSeconds).toBe(1_770_000_000)
  await later.write(batchOf('88.1/C'))
  await later.finish(new Map([['88.1', 1]]))
  await later.close()
  const grown = await openLevelStore(levelOptions(directory))
  expect(grown.count('88.1')).toBe(3)
  await grown.close()
})

test('no node opens a half-loaded directory, and the load goes on where it stopped', async () => {
  const directory = freshDirectory()
  const first = await openBulkLoad(options(directory))
  await first.write(batchOf('88.1/A', '88.1/B'))
  await first.close()

  await expect(openLevelStore(levelOptions(directory))).rejects.toMatchObject({
    code: 'STORE_HALF_LOADED',
    message: expect.stringContaining('a test'),
  })
  const second = await openBulkLoad({ ...options(directory), startSeconds: 1_760_000_000 })
  expect(second.startSeconds).toBe(1_750_000_000)
  expect(await second.highestKeys({ prefix: '88.1', keysMax: 2 })).toEqual(['88.1/B', '88.1/A'])
  await second.write(batchOf('88.1/C'))
  await second.finish(new Map([['88.1', 3]]))
  await second.close()
  const store = await openLevelStore(levelOptions(directory))
  expect(store.countAll()).toBe(3)
  await store.close()
})

test('another load than the one that was interrupted is refused, and changes nothing', async () => {
  const directory = freshDirectory()
  const first = await openBulkLoad(options(directory))
  await first.close()
  const marker = await readFile(join(directory, 'erji-store.json'), 'utf8')
  await expect(openBulkLoad(options(directory, 'another'))).rejects.toMatchObject({
    code: 'STORE_HALF_LOADED',
  })
  expect(await readFile(join(directory, 'erji-store.json'), 'utf8')).toBe(marker)
})

test('a load that was cut off before its database existed starts anew', async () => {
  const directory = freshDirectory()
  await (await openBulkLoad(options(directory))).close()
  await rm(join(directory, 'records'), { recursive: true })
  const load = await openBulkLoad(options(directory))
  expect(await load.highestKeys({ prefix: '88.1', keysMax: 2 })).toEqual([])
  await load.close()
})

test('a directory in use by a node is refused and stays as it is', async () => {
  const directory = freshDirectory()
  const store = await openLevelStore(levelOptions(directory))
  await expect(openBulkLoad(options(directory))).rejects.toMatchObject({ code: 'STORE_LOCKED' })
  await store.close()
  // The refused load has not marked it as half loaded.
  await (await openLevelStore(levelOptions(directory))).close()
})

test('writing stops, without loss, while the disk has less than its reserve', async () => {
  const directory = freshDirectory()
  const load = await openBulkLoad({ ...options(directory), diskReserveBytes: 2 ** 60 })
  await expect(load.write(batchOf('88.1/A'))).rejects.toMatchObject({ code: 'STORE_FULL' })
  await load.close()
})

/** Records in the order given, one behind the other in one buffer. */
function batchOf(...keys: readonly string[]): BulkBatch {
  const parts = keys.flatMap((key) => [Buffer.from(key), Buffer.from(`record of ${key}`)])
  let end = 0
  const ends = Uint32Array.from(parts, ({ length }) => {
    end += length
    return end
  })
  return {
    bytes: Buffer.concat(parts),
    ends,
    records: keys.length,
    prefixes: [{ prefix: '88.1', records: keys.length }],
  }
}
