import type { Environment } from '../report/report.ts'
import { type Measured, type Spread, spreadOf } from './alternate.ts'
import type { RateLatency } from './latency-at-rate.ts'

/** Sides with the ratio of each to the one that all are compared with: the median of the rounds' ratios, and their spread. */
export type Compared = Measured & {
  readonly ratio: number | undefined
  readonly ratioSpread: Spread | undefined
}

/**
 * Requests per server CPU second of each side over those of the one named, round by round: a machine that runs faster for
 * some rounds does so for all sides, and the medians of two sides need not be of the same round.
 */
export function comparedWith(name: string, sides: readonly Measured[]): readonly Compared[] {
  const base = sides.find((side) => side.name === name)?.samples ?? []
  return sides.map((side) => {
    const ratios = side.samples.flatMap(({ requestsPerCpuSecond: own }, round) => {
      const other = base[round]?.requestsPerCpuSecond
      return own === undefined || other === undefined ? [] : own / other
    })
    const ratioSpread = ratios.length === 0 ? undefined : spreadOf(ratios)
    return { ...side, ratio: ratioSpread?.median, ratioSpread }
  })
}

/** A Markdown table of sides. */
export function sidesTable(base: string, sides: readonly Compared[]): string {
  const rows = sides.map(({ name, about, requestsPerSecond, requestsPerCpuSecond: byCpu, ...side }) => {
    const cost =
      byCpu === undefined ? 'unknown' : `${round(byCpu.median)} (${round(byCpu.least)}–${round(byCpu.most)})`
    const memory = side.residentBytes === undefined ? '' : `${round(side.residentBytes / 2 ** 20)} MiB`
    return `| ${name} | ${about} | ${round(requestsPerSecond.median)} | ${cost} | ${ratioOf(side)} | ${memory} | ${side.unexpected} |`
  })
  return [
    `| side | about | requests/s | per server CPU second (least–most) | ratio to ${base} (least–most) | memory | other than expected, lost |`,
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

function ratioOf({ ratioSpread }: Pick<Compared, 'ratioSpread'>): string {
  if (ratioSpread === undefined) return 'unknown'
  const [median, least, most] = [ratioSpread.median, ratioSpread.least, ratioSpread.most].map((ratio) =>
    ratio.toFixed(2),
  )
  return `${median} (${least}–${most})`
}

function round(value: number): string {
  return Math.round(value).toLocaleString('en')
}
