import { createPrng } from '../../src/support/prng.ts'
import { formatRatio } from '../report/format-units.ts'
import type { Table } from '../report/report-tables.ts'
import { withoutSeed } from './generated-trace.ts'
import type { SimulationReport, SimulationRow } from './simulation-report.ts'

/** What one policy came to at one size over several seeds. */
export type SeedInterval = {
  readonly trace: string
  readonly label: string
  readonly size: string
  readonly seeds: number
  readonly meanMissRatio: number
  /** Bounds of the 95 % confidence interval of the mean. */
  readonly low: number
  readonly high: number
}

export const confidence = 0.95
const resamples = 2000

/**
 * The mean miss ratio over seeds with a percentile bootstrap (Efron & Tibshirani 1993, chapter 13); nothing where a point
 * was drawn once, because one draw says nothing of the next.
 */
export function seedIntervals({ rows, settings }: SimulationReport): SeedInterval[] {
  const points = Map.groupBy(rows, ({ trace, label, size }) =>
    JSON.stringify([withoutSeed(trace), label, size]),
  )
  return [...points.values()].flatMap((point) => {
    const [first] = point
    return first === undefined || point.length < 2 ? [] : [intervalOf(first, point, settings.seed)]
  })
}

/** The intervals as a table. */
export function seedTable(report: SimulationReport): Table {
  const texts = ['Trace', 'Size', 'Policy']
  const numbers = ['Seeds', 'Mean miss ratio', '95 % low', '95 % high']
  return {
    caption: 'Miss ratio over the seeds, with the bootstrap interval of its mean',
    columns: [
      ...texts.map((heading) => ({ heading, numeric: false })),
      ...numbers.map((heading) => ({ heading, numeric: true })),
    ],
    rows: seedIntervals(report).map(({ trace, label, size, seeds, meanMissRatio, low, high }) => ({
      cells: [
        ...[trace, size, label].map((text) => ({ text })),
        { text: String(seeds), value: seeds },
        ...[meanMissRatio, low, high].map((ratio) => ({ text: formatRatio(ratio), value: ratio })),
      ],
      alarming: false,
    })),
  }
}

function intervalOf(
  { trace, label, size }: SimulationRow,
  point: readonly SimulationRow[],
  seed: number,
): SeedInterval {
  const ratios = point.map(({ missRatio }) => missRatio)
  const prng = createPrng(seed)
  const means = Float64Array.from({ length: resamples }, () =>
    meanOf(ratios.map(() => ratios[prng.nextBelow(ratios.length)] ?? 0)),
  ).sort()
  const tail = (1 - confidence) / 2
  return {
    trace: withoutSeed(trace),
    label,
    size,
    seeds: ratios.length,
    meanMissRatio: meanOf(ratios),
    low: means[Math.floor(tail * (resamples - 1))] ?? 0,
    high: means[Math.ceil((1 - tail) * (resamples - 1))] ?? 0,
  }
}

function meanOf(ratios: readonly number[]): number {
  return ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length
}
