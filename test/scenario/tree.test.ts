import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { runTree } from '../../bench/commands/tree.ts'
import { treeFlags } from '../../bench/tree/tree-options.ts'
import type { TreeReport } from '../../bench/tree/tree-report.ts'

describe('a tree of real nodes asked through a recursive one', () => {
  let directory: string
  let report: TreeReport
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'erji-tree-test-'))
    const flags = {
      nodes: '2',
      enterprises: '2',
      identifiers: '10000',
      enterpriseIdentifiers: '8000',
      rate: '60',
      duration: '1s',
      out: directory,
    }
    const quiet = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    const context = { command: ['tree'], signal: new AbortController().signal, stream: process.stderr }
    try {
      expect(await runTree(treeFlags.parse(flags), context)).toBe(0)
    } finally {
      quiet.mockRestore()
    }
    const file = (await readdir(directory)).find((name) => name.endsWith('-tree.json')) ?? ''
    report = JSON.parse(await readFile(join(directory, file), 'utf8'))
  }, 120_000)
  afterAll(() => rm(directory, { recursive: true }))

  const row = (start: string) => {
    const found = report.rows.find(({ name }) => name.startsWith(start))
    expect(found, start).toBeDefined()
    return found as TreeReport['rows'][number]
  }

  test('each path asks as many nodes as it has referrals, and every answer is right', () => {
    expect(report.rows.every(({ wrong }) => wrong === 0)).toBe(true)
    const one = row('one referral')
    expect([one.answered, one.failed]).toEqual([60, 0])
    expect([one.cost.top.requests, one.cost.secondary.requests, one.cost.enterprise.requests]).toEqual([
      60, 60, 0,
    ])
    const two = row('two referrals')
    expect([two.cost.top.requests, two.cost.secondary.requests, two.cost.enterprise.requests]).toEqual([
      60, 60, 60,
    ])
    expect(row('no referral').cost.top.requests).toBeLessThan(20)
    const cached = row('cached')
    expect(cached.cost.top.requests).toBeLessThan(60)
  })

  test('what is known is answered although its node is down, what is not is refused, others are not touched', () => {
    for (const down of ['the enterprise node killed', 'the secondary node stopped']) {
      const known = report.rows.find(({ name }) => name.includes(down))
      expect([known?.failed, (known?.answered ?? 0) > 0]).toEqual([0, true])
    }
    for (const unknown of ['unknown identifiers of the killed', 'unknown identifiers of the stopped'])
      expect(row(unknown).answered).toBe(0)
    for (const others of ['other enterprise nodes', 'other secondary nodes'])
      expect(row(others).failed).toBe(0)
  })
})
