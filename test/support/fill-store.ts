import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HandleError } from '../../src/errors.ts'
import { type LevelStore, openLevelStore } from '../../src/store/level.ts'
import { createPrng } from '../../src/support/prng.ts'
import { levelOptions } from './level-options.ts'

/** What became of a store whose disk filled up under it. */
export type FilledStore = {
  readonly acknowledged: number
  /** Codes of the first write that failed and of one tried after room was made. */
  readonly errors: readonly (string | undefined)[]
  readonly unwritableBecause: string | undefined
  /** Acknowledged records that were not there, while the disk was full and after the store was opened again. */
  readonly lostWhileFull: number
  readonly lostAfterReopening: number
  readonly countAfterReopening: number
  readonly writableAfterReopening: boolean
}

// Runs on a small disk of its own: fills it, makes room again, opens the store anew, and prints what it saw as JSON.
const [, , directory = ''] = process.argv
const options = levelOptions(join(directory, 'store'), { writeBufferBytes: 2 ** 18 })
const ballast = Array.from({ length: 6 }, (_, index) => join(directory, `ballast-${index}`))
for (const path of ballast) await writeFile(path, Buffer.alloc(2 ** 19))
const first = await openLevelStore(options)
const { acknowledged, error } = await fill(first)
const lostWhileFull = lost(first, acknowledged)
const unwritableBecause = first.unwritableBecause()
for (const path of ballast) await rm(path)
const errors = [error, await tryWrite(first, '1/WITH-ROOM')]
await first.close()
const second = await openLevelStore(options)
const filled: FilledStore = {
  acknowledged,
  errors,
  unwritableBecause,
  lostWhileFull,
  lostAfterReopening: lost(second, acknowledged),
  countAfterReopening: second.count('2'),
  writableAfterReopening: (await tryWrite(second, '1/REOPENED')) === undefined,
}
await second.close()
process.stdout.write(JSON.stringify(filled))

async function fill(store: LevelStore): Promise<{ acknowledged: number; error: string }> {
  for (let acknowledged = 0; ; acknowledged++) {
    const error = await tryWrite(store, `2/${acknowledged}`)
    if (error !== undefined) return { acknowledged, error }
  }
}

async function tryWrite(store: LevelStore, key: string): Promise<string | undefined> {
  try {
    await store.commit([{ key, value: noiseOf(key), precondition: { kind: 'none' } }])
    return undefined
  } catch (error) {
    if (error instanceof HandleError) return error.code
    throw error
  }
}

function lost(store: LevelStore, records: number): number {
  let missing = 0
  for (let index = 0; index < records; index++) {
    const found = store.get(`2/${index}`)
    if (found === undefined || Buffer.compare(found, noiseOf(`2/${index}`)) !== 0) missing++
  }
  return missing
}

// Noise, because LevelDB compresses what it keeps.
function noiseOf(key: string): Buffer {
  const prng = createPrng(Number(key.slice(2)) || 0)
  return Buffer.from(Uint32Array.from({ length: 8192 }, () => prng.nextUint32()).buffer)
}
