import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { collectEnvironment } from '../measure/environment.ts'
import type { OverheadPoint } from './measure-overhead.ts'

export type OverheadSettings = {
  readonly rate: number
  readonly out: string
  readonly [other: string]: unknown
}

/** At half of the rate the generator's lateness at the 99th percentile is below this. */
const latenessP99NsMax = 1e6

/** Writes `overhead.json` and `overhead.md`; whether both promises of the generator were kept. */
export async function writeOverhead(
  points: readonly OverheadPoint[],
  settings: OverheadSettings,
): Promise<boolean> {
  const environment = collectEnvironment()
  const sustained = points.filter((point) => point.sustained).map(({ offeredPerSecond }) => offeredPerSecond)
  const sustainedPerSecond = Math.max(0, ...sustained)
  const half = points.find(({ offeredPerSecond }) => offeredPerSecond === Math.round(settings.rate / 2))
  const halfLatenessP99Ns = half?.latenessP99Ns
  const rateKept = sustainedPerSecond >= settings.rate
  const latenessKept = halfLatenessP99Ns !== undefined && halfLatenessP99Ns < latenessP99NsMax
  const result = {
    writtenAt: new Date().toISOString(),
    environment,
    settings,
    sustainedPerSecond,
    halfLatenessP99Ns,
    points,
  }
  const markdown = [
    '# What the generator costs',
    '',
    `**${sustainedPerSecond}/s** open loop, Poisson arrivals, every answer verified, sustained by one process on one core against nginx on`,
    `another one (asked: ${settings.rate}/s, ${rateKept ? 'kept' : 'NOT kept'}). Lateness p99 at half of it: ${milliseconds(halfLatenessP99Ns ?? 0)} (asked: below 1 ms, ${latenessKept ? 'kept' : 'NOT kept'}).`,
    '',
    '| offered/s | achieved/s | sustained | generator cores | other programs, cores | lateness p50 | lateness p99 | latency p50 | latency p99 |',
    '|--:|--:|--|--:|--:|--:|--:|--:|--:|',
    ...points.map(row),
    '',
    `${environment.cpuModel}, ${environment.logicalCores} cores, ${environment.runtime}, commit ${environment.commit ?? 'unknown'}, seed 42, \`npm run bench:overhead\`.`,
    'Sustained: valid, nothing dropped or wrong, at least 99 % of the rate achieved. Lateness: from when a request was due to when the',
    'generator got round to it. Generator cores count the driving process and the one that shows progress.',
    '',
  ].join('\n')
  await mkdir(settings.out, { recursive: true })
  await writeFile(join(settings.out, 'overhead.json'), `${JSON.stringify(result, undefined, 2)}\n`)
  await writeFile(join(settings.out, 'overhead.md'), markdown)
  process.stdout.write(markdown)
  return rateKept && latenessKept
}

function row(point: OverheadPoint): string {
  const cells = [
    point.offeredPerSecond,
    Math.round(point.achievedPerSecond),
    point.sustained ? 'yes' : 'no',
    point.generatorCores.toFixed(2),
    point.otherCores?.toFixed(2) ?? '',
    milliseconds(point.latenessP50Ns),
    milliseconds(point.latenessP99Ns),
    milliseconds(point.latencyP50Ns),
    milliseconds(point.latencyP99Ns),
  ]
  return `| ${cells.join(' | ')} |`
}

function milliseconds(nanoseconds: number): string {
  return `${(nanoseconds / 1e6).toFixed(3)} ms`
}
