import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openLevelStore } from '../../src/store/level.ts'
import { durabilities, type Mutation } from '../../src/store/store.ts'
import type { FilledStore } from '../support/fill-store.ts'
import { levelOptions } from '../support/level-options.ts'
import { onSmallDisk } from '../support/small-disk.ts'

let root: string
let made = 0
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'erji-level-'))
})
afterAll(() => rm(root, { recursive: true }))

const freshDirectory = (): string => join(root, `${made++}`)

test.each(durabilities)(
  'records and counts are there again after a clean close with durability %s',
  async (durability) => {
    const options = levelOptions(freshDirectory(), { durability })
    const first = await openLevelStore(options)
    await first.commit([put('88.1/A'), put('88.1/B'), put('88.2/A'), put('0.NA/88.1')])
    await first.commit([{ ...put('88.1/B'), value: undefined }])
    const last = first.commit([put('88.2/标')])
    await first.close()
    expect(await last).toMatchObject([{ applied: true }])

    const second = await openLevelStore(options)
    expect(Buffer.from(second.get('88.2/标') ?? []).toString()).toBe('88.2/标')
    expect(second.get('88.1/B')).toBeUndefined()
    expect([second.count('88.1'), second.count('88.2'), second.count('0.NA'), second.countAll()]).toEqual([
      1, 2, 1, 4,
    ])
    await second.close()
  },
)

describe('a directory that another process has open', () => {
  test('is refused by name of the cause, and the first process goes on undisturbed', async () => {
    const directory = freshDirectory()
    const store = await openLevelStore(levelOptions(directory))
    await store.commit([put('88.1/A')])
    const before = await fingerprint(directory)
    expect(inAnotherProcess(directory)).toBe(
      `STORE_LOCKED: data directory "${directory}" is in use by another process: stop it, or give another --data`,
    )
    expect(await fingerprint(directory)).toEqual(before)
    await store.commit([put('88.1/B')])
    await store.close()
    expect(inAnotherProcess(directory)).toBe('opened')
    const again = await openLevelStore(levelOptions(directory))
    expect(again.count('88.1')).toBe(2)
    await again.close()
  })
})

type Damage = readonly [
  name: string,
  damage: (directory: string) => Promise<unknown>,
  code: string,
  message: RegExp,
]

const marker = 'erji-store.json'
const damages: readonly Damage[] = [
  [
    'files of somebody else',
    async (directory) => {
      await rm(directory, { recursive: true })
      await mkdir(directory)
      await writeFile(join(directory, 'thesis.txt'), 'years of work')
    },
    'STORE_FOREIGN_DIRECTORY',
    /holds files \(thesis\.txt\) but no erji-store\.json: it is not a data directory of erji/,
  ],
  [
    'a database without the marker',
    (directory) => rm(join(directory, marker)),
    'STORE_FOREIGN_DIRECTORY',
    /no erji-store\.json/,
  ],
  [
    'the marker of another engine',
    (directory) => writeFile(join(directory, marker), '{"format":1,"engine":"other","initialised":true}'),
    'STORE_FOREIGN_DIRECTORY',
    /belongs to the engine "other"; expected "level"/,
  ],
  [
    'a newer format',
    (directory) => writeFile(join(directory, marker), '{"format":2,"engine":"level","initialised":true}'),
    'STORE_FORMAT_NEWER',
    /has format 2; this version reads up to 1/,
  ],
  [
    'a marker that is garbage',
    (directory) => writeFile(join(directory, marker), 'garbage'),
    'STORE_CORRUPT',
    /erji-store\.json in ".*" cannot be read/,
  ],
  [
    'a marker that is empty',
    (directory) => writeFile(join(directory, marker), ''),
    'STORE_CORRUPT',
    /cannot be read/,
  ],
  [
    'a marker that says nothing',
    (directory) => writeFile(join(directory, marker), '{}'),
    'STORE_CORRUPT',
    /it lacks format, engine or initialised/,
  ],
  [
    'no CURRENT',
    (directory) => rm(join(directory, 'records', 'CURRENT')),
    'STORE_CORRUPT',
    /records\/CURRENT is missing\): restore it from a backup/,
  ],
  [
    'no database at all',
    (directory) => rm(join(directory, 'records'), { recursive: true }),
    'STORE_CORRUPT',
    /has lost its database/,
  ],
  [
    'a CURRENT that points nowhere',
    (directory) => writeFile(join(directory, 'records', 'CURRENT'), 'MANIFEST-999999\n'),
    'STORE_CORRUPT',
    /is damaged .*: restore it from a backup/,
  ],
  [
    'a MANIFEST that is garbage',
    (directory) => overwrite(directory, 'MANIFEST-'),
    'STORE_CORRUPT',
    /is damaged/,
  ],
  [
    'a table that is gone',
    async (directory) => rm(await findFile(directory, '.ldb')),
    'STORE_CORRUPT',
    /is damaged .*missing files/,
  ],
]

describe('a directory with', () => {
  test.each(damages)('%s is refused and left as it is', async (_name, damage, code, message) => {
    const directory = freshDirectory()
    // Twice, because a log becomes a table when it is read at the next start.
    for (const key of ['88.1/A', '88.1/B']) {
      const store = await openLevelStore(levelOptions(directory))
      await store.commit([put(key)])
      await store.close()
    }
    await damage(directory)
    const before = await fingerprint(directory)
    const refusal = openLevelStore(levelOptions(directory))
    await expect(refusal).rejects.toMatchObject({ name: 'StartupError', code })
    await expect(refusal).rejects.toThrow(message)
    await expect(refusal).rejects.toThrow(`"${directory}"`)
    expect(await fingerprint(directory)).toEqual(before)
  })

  test('tables that are garbage is refused without making it worse', async () => {
    const directory = freshDirectory()
    for (const key of ['88.1/A', '88.1/B']) {
      const store = await openLevelStore(levelOptions(directory))
      await store.commit([put(key)])
      await store.close()
    }
    const table = await findFile(directory, '.ldb')
    const whole = await readFile(table)
    await writeFile(table, Buffer.alloc(whole.length, 0x5a))
    await expect(openLevelStore(levelOptions(directory))).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
    await writeFile(table, whole)
    const restored = await openLevelStore(levelOptions(directory))
    expect(restored.count('88.1')).toBe(2)
    const found = restored.getMany(['88.1/A', '88.1/B']).map((value) => Buffer.from(value ?? []).toString())
    expect(found).toEqual(['88.1/A', '88.1/B'])
    await restored.close()
  })

  test('nothing but what a first start leaves when it is cut off is opened', async () => {
    const directory = freshDirectory()
    await mkdir(directory)
    await writeFile(join(directory, `${marker}.new`), '{"form')
    await (await openLevelStore(levelOptions(directory))).close()
    await writeFile(join(directory, marker), '{"format":1,"engine":"level","initialised":false}')
    await (await openLevelStore(levelOptions(directory))).close()
  })

  test('a file in its place is refused', async () => {
    const path = freshDirectory()
    await writeFile(path, '')
    await expect(openLevelStore(levelOptions(path))).rejects.toMatchObject({ code: 'STORE_UNREADABLE' })
    const below = openLevelStore(levelOptions(join(path, 'below')))
    await expect(below).rejects.toMatchObject({ code: 'STORE_UNREADABLE' })
  })

  test.runIf(process.platform === 'linux')('a place that takes no directories is refused', async () => {
    await expect(openLevelStore(levelOptions('/proc/nope'))).rejects.toMatchObject({
      code: 'STORE_UNREADABLE',
      message: expect.stringContaining('data directory "/proc/nope" cannot be used: '),
    })
  })
})

test('a log cut anywhere leaves whole groups, the first ones, and counts that agree with them', async () => {
  const directory = freshDirectory()
  const groups = Array.from({ length: 5 }, (_, group) => ['A', 'B', 'C'].map((item) => `88.${group}/${item}`))
  const store = await openLevelStore(levelOptions(directory))
  for (const keys of groups) await store.commit(keys.map(put))
  await store.close()
  const log = await findFile(directory, '.log')
  const { size } = await stat(log)
  for (let cut = 1; cut <= 12; cut++) {
    const copy = freshDirectory()
    await cp(directory, copy, { recursive: true })
    await truncate(log.replace(directory, copy), Math.floor((size * cut) / 12))
    const reopened = await openLevelStore(levelOptions(copy))
    const found = (await reopened.scan({ keyPrefix: '', entriesMax: 100 })).entries.map(({ key }) => key)
    expect(found).toEqual(groups.slice(0, found.length / 3).flat())
    expect(reopened.countAll()).toBe(found.length)
    expect(
      groups.map((_, group) => reopened.count(`88.${group}`)).filter((count) => count === 3),
    ).toHaveLength(found.length / 3)
    await reopened.commit([put('88.9/LATER')])
    await reopened.close()
    const again = await openLevelStore(levelOptions(copy))
    expect(again.countAll()).toBe(found.length + 1)
    await again.close()
  }
})

describe('a full disk', () => {
  test('refuses writes with STORE_FULL and loses nothing that was acknowledged', async () => {
    const directory = freshDirectory()
    await mkdir(directory)
    const [program = '', ...prefix] = onSmallDisk({ directory, mebibytes: 10 })
    const script = fileURLToPath(new URL('../support/fill-store.ts', import.meta.url))
    const ended = spawnSync(program, [...prefix, process.execPath, script, directory], { encoding: 'utf8' })
    expect(ended.stderr).toBe('')
    const filled = JSON.parse(ended.stdout) as FilledStore
    expect(filled.acknowledged).toBeGreaterThan(10)
    // One failed write may have cut a log record in half: writing goes on only when the store is opened again.
    expect(filled).toEqual({
      acknowledged: filled.acknowledged,
      errors: ['STORE_FULL', 'STORE_FULL'],
      unwritableBecause: expect.stringContaining('the store failed while writing'),
      lostWhileFull: 0,
      lostAfterReopening: 0,
      countAfterReopening: expect.toSatisfy((count) => count >= filled.acknowledged),
      writableAfterReopening: true,
    })
  })

  test('is noticed while the reserve is still there, and reading goes on', async () => {
    const options = levelOptions(freshDirectory(), { diskReserveBytes: Number.MAX_SAFE_INTEGER })
    const store = await openLevelStore(options)
    await expect(store.commit([put('88.1/A')])).rejects.toMatchObject({ code: 'STORE_FULL', status: 503 })
    expect(store.unwritableBecause()).toMatch(/has \d+ bytes free, fewer than the \d+ kept in reserve/)
    expect(store.get('88.1/A')).toBeUndefined()
    await store.close()
  })
})

function put(key: string): Mutation {
  return { key, value: Buffer.from(key), precondition: { kind: 'none' } }
}

function inAnotherProcess(directory: string): string {
  const script = fileURLToPath(new URL('../support/open-store.ts', import.meta.url))
  const { stdout, stderr } = spawnSync(process.execPath, [script, directory], { encoding: 'utf8' })
  return stdout + stderr
}

/** Name and content of every file but LevelDB's own log of events and its lock, which each attempt to open renews. */
async function fingerprint(directory: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || /^(?:LOG|LOG\.old|LOCK)$/.test(entry.name)) continue
    const path = join(entry.parentPath, entry.name)
    found[path] = createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
  }
  return found
}

async function findFile(directory: string, namePart: string): Promise<string> {
  const names = await readdir(join(directory, 'records'))
  const name = names.find((candidate) => candidate.includes(namePart))
  if (name === undefined) throw new Error(`no ${namePart} among ${names.join(', ')}`)
  return join(directory, 'records', name)
}

async function overwrite(directory: string, namePart: string): Promise<void> {
  const path = await findFile(directory, namePart)
  await writeFile(path, Buffer.alloc((await stat(path)).size, 0x5a))
}
