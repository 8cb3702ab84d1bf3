import type { SimulationRow } from './simulation-report.ts'

/** How much less a policy misses than FIFO at one size, over the traces of a result. */
export type Rank = {
  readonly label: string
  readonly size: string
  readonly traces: number
  /** 1 − misses ÷ FIFO's misses: 0.2 says a fifth fewer, below 0 more. */
  readonly mean: number
  readonly p10: number
  readonly p50: number
  readonly p90: number
}

/** Policies by their median reduction, the best first, size by size; empty where FIFO was not simulated. */
export function rankPolicies(rows: readonly SimulationRow[]): Rank[] {
  const fifoMisses = new Map(
    rows.filter(({ label }) => label === 'fifo').map((row) => [pointOf(row), row.misses] as const),
  )
  const groups = Map.groupBy(rows, ({ label, size }) => JSON.stringify([size, label]))
  const ranks = [...groups.values()].flatMap((group) => {
    const reductions = group.flatMap((row) => {
      const fifo = fifoMisses.get(pointOf(row))
      return fifo === undefined || fifo === 0 ? [] : [1 - row.misses / fifo]
    })
    const [first] = group
    if (reductions.length === 0 || first === undefined) return []
    const sorted = reductions.toSorted((left, right) => left - right)
    return [
      {
        label: first.label,
        size: first.size,
        traces: sorted.length,
        mean: sorted.reduce((sum, reduction) => sum + reduction, 0) / sorted.length,
        p10: quantile(sorted, 0.1),
        p50: quantile(sorted, 0.5),
        p90: quantile(sorted, 0.9),
      },
    ]
  })
  const sizes = [...new Set(rows.map(({ size }) => size))]
  return sizes.flatMap((size) =>
    ranks.filter((rank) => rank.size === size).toSorted((left, right) => right.p50 - left.p50),
  )
}

function pointOf({ trace, size }: SimulationRow): string {
  return JSON.stringify([trace, size])
}

/** Between two values in proportion, as most statistics tools do (Hyndman and Fan's type 7). */
function quantile(sorted: readonly number[], share: number): number {
  const position = (sorted.length - 1) * share
  const below = sorted[Math.floor(position)] as number
  const above = sorted[Math.ceil(position)] as number
  return below + (above - below) * (position - Math.floor(position))
}
