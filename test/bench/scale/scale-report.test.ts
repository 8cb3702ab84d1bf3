import { expect, test } from 'vitest'
import { scaleChart } from '../../../bench/scale/scale-chart.ts'
import { scaleMarkdown } from '../../../bench/scale/scale-markdown.ts'
import type { OfferedResult, ReadResult, ScaleResult, SizeResult } from '../../../bench/scale/scale-result.ts'

const offered: OfferedResult = {
  answered: 100,
  failed: 1,
  dropped: 2,
  p50Ns: 250_000,
  p99Ns: 1_900_000,
  p999Ns: 12_345_000,
  maxNs: 20_000_000,
  hitRatio: 0.5,
}

function read(change: Partial<ReadResult>): ReadResult {
  return {
    asked: 'zipfian',
    cacheShare: 0.01,
    cacheEntriesMax: 10_000,
    cold: offered,
    warm: offered,
    closed: { perSecond: 20_000, nodeCpuMicroseconds: 40, hitRatio: 0.6 },
    ...change,
  }
}

function size(identifiers: number, change: Partial<SizeResult> = {}): SizeResult {
  return { identifiers, reads: [read({}), read({ asked: 'uniform' })], readySeconds: 0.75, ...change }
}

function result(sizes: readonly SizeResult[]): ScaleResult {
  return {
    schemaVersion: 1,
    startedAt: '2026-01-01T00:00:00.000Z',
    environment: {
      cpuModel: 'a processor',
      logicalCores: 2,
      memoryBytes: 8 * 2 ** 30,
      kernel: 'Linux',
      runtime: 'Node.js',
      harnessVersion: '0.1.0',
    },
    config: { workers: 1, rate: 2000, coldSeconds: 8, warmUp: 15 },
    sizes,
  }
}

test('every size and every way of asking has its row, in the words of the table', () => {
  const text = scaleMarkdown(result([size(1e6), size(1e8)]))
  expect(text).toContain('| 100,000,000 | zipfian | 1 % | 10,000 | 0.600 | 20,000 | 40.0 |')
  expect(text).toContain('250 / 1,900 / 12,345')
  expect(text.split('\n').filter((line) => line.startsWith('| 1'))).toHaveLength(2 + 4)
})

test('what has not been measured yet is a dash, and a failure is told', () => {
  const failed: ReadResult = { asked: 'absent', cacheShare: 0.01, cacheEntriesMax: 5, failed: 'it died' }
  const text = scaleMarkdown(result([{ identifiers: 1000, reads: [failed] }]))
  expect(text).toContain('| 1,000 | – | – |')
  expect(text).toContain('| it died |')
})

test('the chart has a line for each cost that was measured, within its frame', () => {
  const text = scaleChart(result([size(1e6), size(1e7), size(1e8)]))
  const lines = [...text.matchAll(/<polyline points="([^"]*)"/g)].map(([, points]) => points ?? '')
  expect(lines.map((points) => points.split(' ').filter((point) => point !== '').length)).toEqual([
    0, 0, 3, 3, 0,
  ])
  for (const [, x, y] of text.matchAll(/cx="([\d.]+)" cy="([\d.]+)"/g)) {
    expect(Number(x)).toBeGreaterThan(60)
    expect(Number(x)).toBeLessThan(540)
    expect(Number(y)).toBeGreaterThanOrEqual(40)
    expect(Number(y)).toBeLessThanOrEqual(370)
  }
})

test('a chart of nothing is still a picture', () => {
  expect(scaleChart(result([]))).toContain('</svg>')
})
