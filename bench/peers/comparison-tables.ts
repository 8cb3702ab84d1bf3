import type { Environment } from '../report/report.ts'
import type { Measured } from './alternate.ts'
import type { RateLatency } from './latency-at-rate.ts'

/** Sides with the ratio of each to the one that all are compared with. */
export type Compared = Measured & { readonly ratio: number | undefined }

/** Requests per server CPU second of each side over those of the one named. */
export function comparedWith(name: string, sides: readonly Measured[]): readonly Compared[] {
  const base = sides.find((side) => side.name === name)?.requestsPerCpuSecond?.median
  return sides.map((side) => {
    const own = side.requestsPerCpuSecond?.median
    return { ...side, ratio: base === undefined || own === undefined ? undefined : own / base }
  })
}

/** A Markdown table of sides. */
export function sidesTable(base: string, sides: readonly Compared[]): string {
  const rows = sides.map(({ name, about, requestsPerSecond, requestsPerCpuSecond: byCpu, ...side }) => {
    const cost =
      byCpu === undefined ? 'unknown' : `${round(byCpu.median)} (${round(byCpu.least)}–${round(byCpu.most)})`
    const memory = side.residentBytes === undefined ? '' : `${round(side.residentBytes / 2 ** 20)} MiB`
    return `| ${name} | ${about} | ${round(requestsPerSecond.median)} | ${cost} | ${side.ratio?.toFixed(2) ?? 'unknown'} | ${memory} | ${side.unexpected} |`
  })
  return [
    `| side | about | requests/s | per server CPU second (least–most) | ratio to ${base} | memory | other than 2xx, lost |`,
    '|--|--|--:|--:|--:|--:|--:|',
    ...rows,
    '',
  ].join('\n')
}

/** A Markdown table of latencies at one offered rate. */
export function latencyTable(latencies: readonly RateLatency[]): string {
  const rows = latencies.map(({ name, offeredPerSecond, p50Ms, p99Ms, p999Ms, valid }) => {
    const times = [p50Ms, p99Ms, p999Ms].map((time) => `${time.toFixed(2)} ms`).join(' | ')
    return `| ${name} | ${round(offeredPerSecond)} | ${times} | ${valid ? 'yes' : 'no: the load generator fell behind'} |`
  })
  return ['| side | offered/s | p50 | p99 | p99.9 | valid |', '|--|--:|--:|--:|--:|--|', ...rows, ''].join(
    '\n',
  )
}

/** The machine and what else a figure depends on, in one line. */
export function machineLine(
  environment: Environment,
  facts: { readonly client: string; readonly seed: number; readonly bodyBytes: number },
): string {
  const { cpuModel, logicalCores, kernel, runtime, commit = 'no commit' } = environment
  return `${cpuModel}, ${logicalCores} cores, ${kernel}, ${runtime}, ${commit}, client ${facts.client}, seed ${facts.seed}, ${facts.bodyBytes} bytes a body`
}

function round(value: number): string {
  return Math.round(value).toLocaleString('en')
}
