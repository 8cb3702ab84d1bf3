import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { StartupError } from '../../src/errors.ts'
import { storeEngines, stores } from '../../src/store/index.ts'
import { type LevelOptions, openLevelStore } from '../../src/store/level.ts'
import { durabilities } from '../../src/store/store.ts'
import { storeContract } from '../contract/store-contract.ts'

let root: string
let opened = 0
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'erji-store-'))
})
afterAll(() => rm(root, { recursive: true }))

function options(directory = `fresh-${opened++}`, change: Partial<LevelOptions> = {}): LevelOptions {
  return {
    directory: join(root, directory),
    durability: 'sync',
    writeBufferBytes: 2 ** 20,
    blockCacheBytes: 2 ** 20,
    diskReserveBytes: 0,
    groupMutationsMax: 100,
    ...change,
  }
}

for (const engine of storeEngines) storeContract(engine, () => stores[engine](options()))

const record = { key: '1/A', value: Buffer.from([1, 2]), precondition: { kind: 'none' } } as const

describe('the level engine', () => {
  test.each(durabilities)(
    'has what was committed with durability %s after it is opened again',
    async (durability) => {
      const settings = options(`again-${durability}`, { durability })
      const first = await openLevelStore(settings)
      await first.commit([record])
      expect(first.get('1/A')).toEqual(record.value)
      await first.close()
      const second = await openLevelStore(settings)
      expect(second.get('1/A')).toEqual(record.value)
      expect(second.count('1')).toBe(1)
      expect(second.countAll()).toBe(1)
      await second.close()
    },
  )

  test('a directory that is in use, foreign, newer or emptied is refused with its own error', async () => {
    const used = options('used')
    const store = await openLevelStore(used)
    await expect(openLevelStore(used)).rejects.toMatchObject({ code: 'STORE_LOCKED' })
    await store.commit([record])
    await store.close()

    const foreign = options('foreign')
    await (await openLevelStore(foreign)).close()
    await rm(join(foreign.directory, 'erji-store.json'))
    await expect(openLevelStore(foreign)).rejects.toMatchObject({ code: 'STORE_FOREIGN_DIRECTORY' })

    const marker = join(used.directory, 'erji-store.json')
    const written = await readFile(marker, 'utf8')
    await writeFile(marker, JSON.stringify({ format: 2, engine: 'level', initialised: true }))
    await expect(openLevelStore(used)).rejects.toMatchObject({ code: 'STORE_FORMAT_NEWER' })
    await writeFile(marker, 'garbage')
    await expect(openLevelStore(used)).rejects.toBeInstanceOf(StartupError)
    await writeFile(marker, written)
    const again = await openLevelStore(used)
    expect(again.get('1/A')).toEqual(record.value)
    await again.close()

    await rm(join(used.directory, 'records'), { recursive: true })
    await expect(openLevelStore(used)).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
  })

  test('writes are refused while the disk has less than the reserve, and reads go on', async () => {
    const store = await openLevelStore(options('full', { diskReserveBytes: Number.MAX_SAFE_INTEGER }))
    await expect(store.commit([record])).rejects.toMatchObject({ code: 'STORE_FULL', status: 503 })
    expect(store.unwritableBecause()).toContain('in reserve')
    expect(store.get('1/A')).toBeUndefined()
    await store.close()
  })
})
