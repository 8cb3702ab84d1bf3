import type { Measurement } from './metric.ts'

/** One burst of a closed loop. */
export type Burst = {
  readonly answers: number
  readonly seconds: number
  /** Of the server; absent where it cannot be read. A machine that gave a burst no core says 0. */
  readonly cpuSeconds: number | undefined
}

/** From which part of the bursts the figures are taken, best first: chosen by what varied least from pair to pair (docs/decisions/011). */
const shares = { throughput: 0.1, cost: 0.25 }

/**
 * What the bursts say of a server that the machine leaves alone. What else runs on a machine only ever makes a burst slower and an answer
 * dearer, so the better bursts vary least (Chen & Revels 2016, "Robust benchmarking in noisy environments"). What a server does
 * in few bursts only, such as collecting all of its heap, does not show here; the open loop counts all CPU time.
 */
export function leastDisturbed(bursts: readonly Burst[]): Measurement {
  const rates = bursts.map(({ answers, seconds }) => answers / seconds)
  const throughput = atShare(
    rates.toSorted((left, right) => right - left),
    shares.throughput,
  )
  if (throughput === undefined || throughput === 0) return {}
  const costs = bursts.flatMap(({ answers, cpuSeconds }) =>
    cpuSeconds !== undefined && cpuSeconds > 0 && answers > 0 ? [(cpuSeconds * 1e6) / answers] : [],
  )
  const known = bursts.every(({ cpuSeconds }) => cpuSeconds !== undefined)
  const cost = atShare(
    costs.toSorted((left, right) => left - right),
    shares.cost,
  )
  return known && cost !== undefined ? { throughput, 'resolve-cpu': cost } : { throughput }
}

function atShare(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.floor(sorted.length * share)]
}
