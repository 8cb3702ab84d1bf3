import { sidesTable } from '../peers/comparison-tables.ts'
import type { Environment } from '../report/report.ts'
import { baseSide, type MissResult, type OfferedLatency } from './miss-sides.ts'

/** The comparison of misses with hits as a page. */
export function missMarkdown(result: {
  readonly startedAt: string
  readonly environment: Environment
  readonly config: { readonly seed: number; readonly workers: number; readonly connections: number }
  readonly sizes: readonly MissResult[]
}): string {
  const { environment, config, startedAt } = result
  const { cpuModel, logicalCores, kernel, runtime, commit = 'no commit' } = environment
  const lines = [
    '# Misses beside hits',
    '',
    `${cpuModel}, ${logicalCores} cores, ${kernel}, ${runtime}, ${commit}, ${startedAt}; client wrk, ${config.connections} connections, node with ${config.workers} worker, seed ${config.seed}.`,
    'Medians of rounds in turned order. *cached* to *absent* are one node over the same store; CPU seconds are its own, background work of the store included.',
    '',
  ]
  for (const size of result.sizes) {
    const { identifiers, cacheEntriesMax, bodyBytes, sides, offeredPerSecond, latencies } = size
    lines.push(
      `## ${identifiers.toLocaleString('en')} records, cache for ${cacheEntriesMax.toLocaleString('en')}`,
      '',
      sidesTable(baseSide, sides),
      `Bodies of ${bodyBytes} bytes. *Other than expected* is other than 404 for absent handles, else than 2xx.`,
      '',
      `Latency from the due time at ${offeredPerSecond.toLocaleString('en')} requests offered a second to each:`,
      '',
      '| side | p50 ms | p99 ms (least–most) | p99 to cached | hit ratio | not served |',
      '|--|--:|--:|--:|--:|--:|',
      ...latencies.map((latency) => latencyRow(latency, latencies)),
      '',
    )
  }
  return lines.join('\n')
}

function latencyRow(latency: OfferedLatency, all: readonly OfferedLatency[]): string {
  const { name, p50Ms, p99Ms, hitRatio, notServed } = latency
  const cached = all.find((other) => other.name === 'cached')?.p99Ms.median
  const ratio = cached === undefined ? '' : (p99Ms.median / cached).toFixed(2)
  const range = `${p99Ms.median.toFixed(2)} (${p99Ms.least.toFixed(2)}–${p99Ms.most.toFixed(2)})`
  return `| ${name} | ${p50Ms.median.toFixed(2)} | ${range} | ${ratio} | ${hitRatio?.toFixed(3) ?? ''} | ${notServed} |`
}
