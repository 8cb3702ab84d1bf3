import type { LatencyHistogram } from '../measure/latency-histogram.ts'
import type { Compared } from '../peers/comparison-tables.ts'
import { machineLine, sidesTable } from '../peers/comparison-tables.ts'
import type { Environment } from '../report/report.ts'
import type { PacedResult } from './paced-burst.ts'

/** A run at half of what a transport carried before. */
export type HalfLoad = PacedResult & { readonly name: string }

export type WireResult = {
  readonly startedAt: string
  readonly command: readonly string[]
  /** What asked over HTTP. */
  readonly client: string
  readonly options: { readonly seed: number }
  readonly environment: Environment
  /** Empty latencies where the client tells none. */
  readonly sides: readonly (Compared & { readonly latency: LatencyHistogram })[]
  readonly halves: readonly HalfLoad[]
  readonly answerBytes: number
}

/** The result with its histograms as a report has them. */
export function wireJson(result: WireResult): unknown {
  return {
    ...result,
    sides: result.sides.map((side) => ({ ...side, latency: side.latency.toHistogram() })),
    halves: result.halves.map((half) => ({ ...half, latency: half.latency.toHistogram() })),
  }
}

/** The same as tables. */
export function wireMarkdown(result: WireResult): string {
  const { sides, halves, environment, client, options, answerBytes } = result
  const machine = machineLine(environment, { client, seed: options.seed, bodyBytes: answerBytes })
  return [
    '# Native protocol and HTTP, one node with one worker, by turns',
    '',
    `\`${result.command.join(' ')}\`, ${result.startedAt}`,
    '',
    sidesTable('HTTP', sides),
    'While as much is asked as is answered (a full queue, not a service time):',
    '',
    '| side | p50 | p99 | p99.9 |',
    '|--|--:|--:|--:|',
    ...sides
      .filter(({ latency }) => latency.count > 0)
      .map(({ name, latency }) => `| ${name} | ${times(latency)} |`),
    '',
    'Half of the requests/s above, sent when due and never again, latency from when each was due:',
    '',
    '| side | offered/s | sent | lost | wrong | p50 | p99 | p99.9 | generator late at most |',
    '|--|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...halves.map(halfRow),
    '',
    machine,
    '',
  ].join('\n')
}

function halfRow({ name, offeredPerSecond, sent, lost, wrong, latency, latenessMaxMs }: HalfLoad): string {
  const counts = [offeredPerSecond, sent, lost, wrong].map((count) => count.toLocaleString('en')).join(' | ')
  return `| ${name} | ${counts} | ${times(latency)} | ${latenessMaxMs.toFixed(2)} ms |`
}

function times(latency: LatencyHistogram): string {
  return [0.5, 0.99, 0.999].map((share) => `${(latency.percentileNs(share) / 1e6).toFixed(2)} ms`).join(' | ')
}
