import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let out: string
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'erji-peers-commands-'))
})
afterAll(async () => {
  await rm(out, { recursive: true, force: true })
})

describe('one short round of', () => {
  test('bench:workers tells both sides apart, answers everything and says what was pinned', async () => {
    const { document, markdown } = await run('workers')
    const { sides } = document as { sides: { name: string; unexpected: number; ratio?: number }[] }
    expect(sides.map(({ name, unexpected }) => [name, unexpected])).toEqual([
      ['1 worker', 0],
      ['2 workers', 0],
    ])
    expect(sides[1]?.ratio).toBeGreaterThan(0)
    expect(markdown).toMatch(
      /Requests\/s of 2 workers over one: \d+\.\d\d\. (The nodes were|Nothing was) pinned/,
    )
  }, 120_000)

  test('bench:half-capacity offers half of what it found, and judges only rounds that it could offer', async () => {
    const { document, markdown } = await run('half-capacity')
    const { rounds } = document as {
      rounds: { capacityPerSecond: number; node: Offered; floor?: Offered }[]
    }
    expect(rounds).toHaveLength(1)
    for (const { capacityPerSecond, node, floor } of rounds) {
      for (const { offeredPerSecond, p50Ms } of [node, ...(floor === undefined ? [] : [floor])]) {
        expect(offeredPerSecond).toBe(Math.max(1, Math.floor(capacityPerSecond / 2)))
        expect(p50Ms).toBeGreaterThan(0)
      }
    }
    expect(markdown).toContain(
      rounds[0]?.node.valid
        ? 'This node: p99.9 over p50, median of 1 valid rounds'
        : 'This node: no round is valid',
    )
    expect(markdown).toMatch(/(The nodes were|Nothing was) pinned/)
  }, 120_000)
})

type Offered = { readonly offeredPerSecond: number; readonly valid: boolean; readonly p50Ms: number }

async function run(name: string): Promise<{ document: unknown; markdown: string }> {
  const options = ['--alternations', '1', '--seconds', '1', '--handles', '100', '--connections', '4']
  await promisify(execFile)(process.execPath, [`bench/peers/${name}.ts`, ...options, '--out', out])
  const files = (await readdir(out)).filter((file) => file.includes(`-${name}.`))
  const textOf = async (extension: string): Promise<string> =>
    readFile(join(out, files.find((file) => file.endsWith(extension)) ?? ''), 'utf8')
  return { document: JSON.parse(await textOf('.json')), markdown: await textOf('.md') }
}
