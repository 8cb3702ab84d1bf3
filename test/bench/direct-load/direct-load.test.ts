import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DirectLoadOptions, loadDirectly } from '../../../bench/direct-load/direct-load.ts'
import { type Piece, planPieces } from '../../../bench/direct-load/plan.ts'
import { createRecordGenerator } from '../../../bench/workload/record-generator.ts'
import { homePrefixes } from '../../../src/first-start.ts'
import { parseHandle } from '../../../src/identifier/handle.ts'
import { openLevelStore } from '../../../src/store/level.ts'
import { systemClock } from '../../../src/support/clock.ts'
import { levelOptions } from '../../support/level-options.ts'

let root: string
let made = 0
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'erji-direct-'))
})
afterAll(() => rm(root, { recursive: true }))

const records = { seed: 3, prefix: '88.1000', toleratesAddedAdmin: true }
const quiet = { isTTY: false, write: () => true } as unknown as NodeJS.WriteStream

function options(change: Partial<DirectLoadOptions> = {}): DirectLoadOptions {
  return {
    directory: join(root, `${made++}`),
    identifiers: 30_000,
    records,
    secretFile: join(root, 'secret'),
    sample: 500,
    clock: systemClock,
    signal: new AbortController().signal,
    stream: quiet,
    ...change,
  }
}

test('every identifier is there as registering would have left it, and counted', async () => {
  const given = options()
  const result = await loadDirectly(given)
  expect(result).toMatchObject({ completed: 30_000, resumedFrom: 0, sampled: 500, sampledWrong: 0 })
  const generator = createRecordGenerator(records)
  const store = await openLevelStore(levelOptions(given.directory))
  expect(store.count(records.prefix)).toBe(30_001)
  expect(store.count('0.NA')).toBe(1)
  const missing = Array.from({ length: 30_000 }, (_, ordinal) => generator.handleOf(ordinal)).filter(
    (handle) => store.get(parseHandle(handle).key) === undefined,
  )
  expect(missing).toEqual([])
  expect(store.get(parseHandle(generator.absentHandleOf(5)).key)).toBeUndefined()
  await store.close()
})

test('an interrupted load goes on behind what it wrote, until all is there', async () => {
  const given = options()
  let completed = 0
  let runs = 0
  for (; completed < given.identifiers; runs++) {
    // Aborted from the start, each run still writes the batch it has.
    const result = await loadDirectly({ ...given, signal: AbortSignal.abort() })
    expect(result.resumedFrom).toBe(completed)
    expect(result.completed).toBeGreaterThan(completed)
    completed = result.completed
    if (completed < given.identifiers) {
      await expect(openLevelStore(levelOptions(given.directory))).rejects.toMatchObject({
        code: 'STORE_HALF_LOADED',
      })
    } else expect(result).toMatchObject({ sampled: 500, sampledWrong: 0 })
  }
  expect(runs).toBeGreaterThan(2)
})

test('it goes on beside other homed prefixes that sort above its own, and refuses records under them', async () => {
  const prefixes = ['88.1000', '88.1001', '99.1', '99.2', '99.3']
  const homed = async (directory: string): Promise<void> => {
    const store = await openLevelStore(levelOptions(directory))
    await homePrefixes(store, { prefixes, adminSecretFile: join(root, 'secret'), timestampSeconds: 1 })
    await store.close()
  }
  const given = options({ identifiers: 10_000 })
  await homed(given.directory)
  const first = await loadDirectly({ ...given, signal: AbortSignal.abort() })
  expect(first.completed).toBeLessThan(10_000)
  expect(await loadDirectly(given)).toMatchObject({ resumedFrom: first.completed, sampledWrong: 0 })

  const other = options({ identifiers: 100 })
  await homed(other.directory)
  const store = await openLevelStore(levelOptions(other.directory))
  const value = Buffer.from('not looked into')
  await store.commit([{ key: '99.2/X', value, precondition: { kind: 'absent' } }])
  await store.close()
  await expect(loadDirectly(other)).rejects.toMatchObject({
    message: expect.stringContaining('holds 1 records besides those of homed prefixes'),
  })
})

test('a directory with records of its own is refused', async () => {
  const given = options({ identifiers: 100 })
  await loadDirectly(given)
  await expect(loadDirectly(given)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('holds 100 records besides those of homed prefixes'),
  })
})

test('a file, and a place that takes no directories, are refused in the words of the node', async () => {
  const file = join(root, 'a-file')
  await writeFile(file, '')
  for (const directory of [file, ...(process.platform === 'linux' ? ['/proc/nope'] : [])]) {
    await expect(loadDirectly(options({ directory, identifiers: 10 }))).rejects.toMatchObject({
      code: 'STORE_UNREADABLE',
      message: expect.stringContaining(`data directory "${directory}" cannot be used: `),
    })
  }
})

test('more identifiers than the disk can take are refused before anything is written', async () => {
  const given = options({ identifiers: 1e12 })
  await expect(loadDirectly(given)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(/need about .* GiB .* free/),
  })
})

test('pieces cover, in order, everything behind any position', () => {
  const counts = Uint32Array.of(0, 5, 3, 0, 0, 7, 1, 0)
  for (const recordsMax of [1, 4, 8, 100]) {
    for (let position = 0; position <= 16; position++) {
      const pieces = planPieces(counts, { position, recordsMax })
      const covered = pieces.map((piece) => sizeOf(piece, counts))
      expect(covered.every((records) => records > 0)).toBe(true)
      expect(covered.reduce((sum, records) => sum + records, 0)).toBe(16 - position)
      pieces.forEach((piece, index) => {
        if (index > 0) expect([piece.skip, piece.first]).toEqual([0, pieces[index - 1]?.end])
      })
    }
  }
})

function sizeOf({ first, end, skip }: Piece, counts: Uint32Array): number {
  return counts.subarray(first, end).reduce((sum, count) => sum + count, 0) - skip
}
