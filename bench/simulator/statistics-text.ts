import { formatBytes, formatCount, formatRatio } from '../report/format-units.ts'
import type { SimulatedTrace } from './simulation-report.ts'
import type { Bucket, TraceStatistics } from './trace-statistics.ts'

/** Statistics of a trace for a terminal. */
export function statisticsText(facts: SimulatedTrace, statistics: TraceStatistics): string {
  const { requests, objects, oneHitWonders, zipf, bytes, workingSetBytes } = statistics
  const lines = [
    `${facts.file} (${facts.format}, SHA-256 ${facts.sha256})`,
    `  requests           ${formatCount(requests)}${facts.skipped > 0 ? `, ${facts.skipped} more left out` : ''}`,
    `  objects            ${formatCount(objects)}, ${statistics.requestsPerObject.toFixed(2)} requests each`,
    `  one-hit wonders    ${formatCount(oneHitWonders)}, ${formatRatio(oneHitWonders / Math.max(1, objects))} of the objects`,
  ]
  if (bytes !== undefined && workingSetBytes !== undefined)
    lines.push(
      `  bytes              ${formatBytes(bytes)} asked for, working set ${formatBytes(workingSetBytes)}`,
    )
  if (zipf !== undefined)
    lines.push(
      `  Zipf exponent      ${zipf.exponent.toFixed(3)} by likelihood, largest gap ${zipf.largestGap.toFixed(3)}`,
      `                     ${zipf.lineExponent.toFixed(3)} by a line through the logarithms, R² ${zipf.lineR2.toFixed(3)}`,
    )
  lines.push(...distribution('reuse distance, in objects', statistics.reuseDistance))
  lines.push(...distribution('reuse time, in requests', statistics.reuseRequests))
  if (statistics.reuseSeconds !== undefined)
    lines.push(...distribution('reuse time, in seconds', statistics.reuseSeconds))
  lines.push('  working set over time (requests: objects so far, objects since the line before)')
  const { workingSet } = statistics
  const step = Math.max(1, Math.floor(workingSet.length / workingSetLines))
  for (const point of workingSet.filter((_, index) => (index + 1) % step === 0))
    lines.push(
      `    ${formatCount(point.requests).padStart(13)}: ${formatCount(point.objects)}, ${formatCount(point.windowObjects)}`,
    )
  return lines.join('\n')
}

const workingSetLines = 10
const barCharacters = 40

function distribution(title: string, buckets: readonly Bucket[]): string[] {
  const total = buckets.reduce((sum, { requests }) => sum + requests, 0)
  const bars = buckets.map(({ from, to, requests }) => {
    const share = requests / Math.max(1, total)
    const range = from === to ? formatCount(from) : `${formatCount(from)}-${formatCount(to)}`
    return `    ${range.padStart(25)} ${formatRatio(share).padStart(8)} ${'#'.repeat(Math.round(share * barCharacters))}`.trimEnd()
  })
  return [`  ${title}`, ...bars]
}
