import type { Environment } from '../report/report.ts'
import type { EngineWork } from './engine-log.ts'
import type { MixedRecord, MixedSecond, Stall } from './mixed-record.ts'

type Latency = ReturnType<MixedRecord['latencyOf']>

/** A mixed run as it is written. */
export type MixedResult = {
  readonly schemaVersion: 1
  readonly startedAt: string
  readonly environment: Environment
  readonly config: {
    readonly rate: number
    readonly stallMs: number
    readonly seed: number
    readonly durability: string
  }
  readonly identifiers: number
  readonly valid: boolean
  readonly invalidBecause: readonly string[]
  readonly sent: number
  readonly notServed: number
  readonly firstFailure?: string
  readonly nodeCpuSeconds: number
  readonly latenessP99Ms: number
  readonly resolve: Latency
  readonly register: Latency
  readonly works: readonly (Pick<EngineWork, 'kind' | 'what'> & {
    readonly fromSeconds: number
    readonly untilSeconds: number
  })[]
  readonly stalls: readonly Stall[]
  readonly seconds: readonly MixedSecond[]
}

/** A mixed run as a page: the whole, its stalls, and its seconds that were worst or had background work. */
export function mixedMarkdown(result: MixedResult): string {
  const { environment, config, stalls, works, seconds } = result
  const { cpuModel, logicalCores, kernel, runtime, commit = 'no commit' } = environment
  const quiet = seconds.filter(({ flushMs, compactionMs }) => flushMs + compactionMs === 0)
  const busy = seconds.filter(({ flushMs, compactionMs }) => flushMs + compactionMs > 0)
  return [
    '# Half registrations, half resolutions',
    '',
    `${cpuModel}, ${logicalCores} cores, ${kernel}, ${runtime}, ${commit}, ${result.startedAt}, seed ${config.seed}.`,
    `${result.identifiers.toLocaleString('en')} records loaded; ${config.rate.toLocaleString('en')} requests offered a second for ${seconds.length} s, durability ${config.durability}; ${result.sent.toLocaleString('en')} sent, ${result.notServed} not served, ${result.nodeCpuSeconds.toFixed(1)} CPU seconds of the node. Latencies count from when a request was due.`,
    result.valid
      ? `The generator kept its schedule: p99 of its lateness ${result.latenessP99Ms.toFixed(2)} ms.`
      : `**Not valid**: ${result.invalidBecause.join('; ')}.`,
    '',
    '| requests | p50 ms | p99 ms | p99.9 ms | longest ms |',
    '|--|--:|--:|--:|--:|',
    latencyRow('resolve', result.resolve),
    latencyRow('register', result.register),
    '',
    '| seconds | number | median p99 resolve | median p99 register | longest resolve | longest register |',
    '|--|--:|--:|--:|--:|--:|',
    secondsRow('with flush or compaction', busy),
    secondsRow('without', quiet),
    '',
    `## ${stalls.length === 0 ? 'No request' : `${stalls.length} times requests`} waited longer than ${config.stallMs} ms`,
    '',
    ...(stalls.length === 0
      ? []
      : [
          '| from s | until s | longest ms | resolves | registrations | beside | the generator itself late by ms |',
          '|--:|--:|--:|--:|--:|--|--:|',
          ...stalls.map(stallRow),
          '',
        ]),
    '## Background work of the engine',
    '',
    '| from s | until s | what |',
    '|--:|--:|--|',
    ...works.map(
      ({ fromSeconds, untilSeconds, what }) =>
        `| ${fromSeconds.toFixed(2)} | ${untilSeconds.toFixed(2)} | ${what} |`,
    ),
    '',
    '![p99 and longest wait by second](mixed.svg)',
    '',
  ].join('\n')
}

function latencyRow(name: string, { p50Ms, p99Ms, p999Ms, maxMs }: Latency): string {
  return `| ${name} | ${[p50Ms, p99Ms, p999Ms, maxMs].map((ms) => ms.toFixed(2)).join(' | ')} |`
}

function secondsRow(name: string, seconds: readonly MixedSecond[]): string {
  if (seconds.length === 0) return `| ${name} | 0 | | | | |`
  const median = (values: readonly number[]): number =>
    values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
  const cells = [
    median(seconds.map(({ resolve }) => resolve.p99Ms)),
    median(seconds.map(({ register }) => register.p99Ms)),
    Math.max(...seconds.map(({ resolve }) => resolve.maxMs)),
    Math.max(...seconds.map(({ register }) => register.maxMs)),
  ]
  return `| ${name} | ${seconds.length} | ${cells.map((ms) => ms.toFixed(2)).join(' | ')} |`
}

function stallRow({ fromSeconds, untilSeconds, longestMs, requests, beside, latenessMs }: Stall): string {
  const cells = [
    fromSeconds.toFixed(2),
    untilSeconds.toFixed(2),
    longestMs.toFixed(0),
    requests.resolve,
    requests.register,
    beside.join('; ') || 'nothing',
    latenessMs.toFixed(1),
  ]
  return `| ${cells.join(' | ')} |`
}
