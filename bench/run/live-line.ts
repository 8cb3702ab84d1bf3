import { formatBytes, formatNs, formatPerSecond, formatRatio } from '../report/format-units.ts'
import type { LiveSecond } from './host-series.ts'

/** One second of a phase in two short lines: what clients see, and what it costs. */
export function liveLines(second: LiveSecond): [string, string] {
  const { nodeCores, nodeResidentBytes, machineCores, hitRatio } = second
  const seen = [
    `offered ${formatPerSecond(Math.round(second.offeredPerSecond))}`,
    `answered ${formatPerSecond(Math.round(second.answeredPerSecond))}`,
    `p50 ${formatNs(second.p50Ns)}`,
    `p99 ${formatNs(second.p99Ns)}`,
    `failed ${second.failed}`,
  ]
  const costs = [
    ...(hitRatio === undefined ? [] : [`hit ratio ${formatRatio(hitRatio)}`]),
    ...(nodeCores === undefined ? [] : [`node ${nodeCores.toFixed(2)} cores`]),
    ...(nodeResidentBytes === undefined ? [] : [`node ${formatBytes(nodeResidentBytes)}`]),
    ...(machineCores === undefined ? [] : [`machine ${machineCores.toFixed(2)} cores`]),
  ]
  return [seen.join(', ').replaceAll('µ', 'u'), costs.join(', ')]
}
