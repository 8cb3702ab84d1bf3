import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { platform, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { backgroundNice } from '../../src/store/background-thread.ts'

const level = fileURLToPath(new URL('../../src/store/level.ts', import.meta.url))

/** Opens a store in a process of its own and tells the nice value of each of its threads (proc(5), field 19 of stat). */
function niceOfThreads(backgroundYields: boolean): number[] {
  const directory = mkdtempSync(join(tmpdir(), 'erji-background-'))
  const options = {
    directory: join(directory, 'data'),
    durability: 'os',
    writeBufferBytes: 1 << 20,
    blockCacheBytes: 1 << 20,
    diskReserveBytes: 0,
    groupMutationsMax: 100,
    backgroundYields,
  }
  const program = `
    const { openLevelStore } = await import(${JSON.stringify(level)})
    const { readdirSync, readFileSync } = await import('node:fs')
    const store = await openLevelStore(${JSON.stringify(options)})
    const precondition = { kind: 'none' }
    await store.commit([{ key: '1/A', value: Buffer.of(1), precondition }])
    const stats = readdirSync('/proc/self/task').map((task) => readFileSync('/proc/self/task/' + task + '/stat', 'utf8'))
    console.log(JSON.stringify(stats.map((stat) => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]))))
    await store.close()`
  try {
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
    })
    if (stdout === '') throw new Error(stderr)
    return JSON.parse(stdout)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

test.runIf(platform() === 'linux')(
  'one thread of a node, the one that flushes and compacts, lets the others go before it',
  () => {
    const nice = niceOfThreads(true)
    expect(nice.filter((value) => value === backgroundNice)).toHaveLength(1)
    const usual = Math.min(...nice)
    expect(nice.filter((value) => value === usual)).toHaveLength(nice.length - 1)
    expect(new Set(niceOfThreads(false)).size).toBe(1)
  },
)
