/**
 * Half registrations, half resolutions over a loaded store (`npm run bench:mixed -- --size 1e7`): what each second saw, every
 * request that waited longer than 100 ms, and which flush or compaction of the engine ran beside it.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { systemClock } from '../../src/support/clock.ts'
import * as flags from '../cli/flags.ts'
import { listenForInterrupt } from '../cli/interrupt.ts'
import { runOpenLoop } from '../driver/open-loop.ts'
import { schedules } from '../driver/schedules/index.ts'
import { judgeValidity } from '../driver/validity.ts'
import { collectEnvironment } from '../measure/environment.ts'
import { LatencyHistogram } from '../measure/latency-histogram.ts'
import { processUsage } from '../measure/process-usage.ts'
import { type ExitCode, exitCodes } from '../report/verdict.ts'
import { createMixedWorkload } from '../workload/mixed-workload.ts'
import { registerResolve } from '../workload/presets/register-resolve.ts'
import { type DriveContext, WrongAnswerError } from './drive.ts'
import { parseEngineLog } from './engine-log.ts'
import { mixedChart } from './mixed-chart.ts'
import { type MixedResult, mixedMarkdown } from './mixed-markdown.ts'
import { MixedRecord } from './mixed-record.ts'
import { runCommand, say } from './scale-command.ts'
import { type StoreContext, withNode } from './scale-node.ts'
import { scaleFlags } from './scale-options.ts'
import { loadStore } from './size-run.ts'
import { storePlace } from './store-place.ts'

const { data, out, prefix, seed, workers, connections, keepData } = scaleFlags.shape
const mixedFlags = z.object({
  ...{ data, out, prefix, seed, workers, connections, keepData },
  size: flags.count({ least: 1000, most: 1e9 }).default(1e7).describe('identifiers that are loaded'),
  cacheEntries: flags.count({ most: 1e9 }).default(100_000).describe('entries of the cache'),
  durability: flags.oneOf(['sync', 'os', 'none']).default('sync').describe('durability of registrations'),
  writeBufferMebibytes: flags
    .count({ most: 4096 })
    .default(64)
    .describe("the engine's write buffer in MiB: a smaller one flushes and compacts more often"),
  rate: flags
    .count({ most: 1_000_000 })
    .default(8000)
    .describe('requests offered a second, half of each kind'),
  warmUp: flags.seconds({ least: 1 }).default(10).describe('time driven before it counts'),
  duration: flags.seconds({ least: 1 }).default(150).describe('time that counts'),
  stallMs: flags
    .count({ most: 60_000 })
    .default(100)
    .describe('milliseconds beyond which a request counts as stalled'),
})
type MixedFlags = z.infer<typeof mixedFlags>

// A whole second of the rate may wait.
const drainSecondsMax = 11
const interrupt = listenForInterrupt({ stream: process.stderr })
process.exitCode = await runCommand({
  name: 'bench:mixed',
  description: 'Registrations beside resolutions, by second.',
  flags: mixedFlags,
  run,
})
interrupt.stop()

async function run(options: MixedFlags): Promise<ExitCode> {
  const { size: identifiers, cacheEntries: cacheEntriesMax, durability } = options
  const place = storePlace(options, { identifiers, name: 'mixed' })
  if ('shortage' in place) throw new flags.UsageError([`--size does not fit: ${place.shortage}`])
  const { signal } = interrupt
  const context: StoreContext = { ...place, flags: options, identifiers, clock: systemClock, signal, say }
  try {
    await loadStore(context)
    const node = {
      cacheBytes: Math.max(64 * 2 ** 20, cacheEntriesMax * 2048),
      cacheEntriesMax,
      durability,
      writeBufferBytes: options.writeBufferMebibytes * 2 ** 20,
    }
    const result = await withNode(context, node, (_node, drive) => measure(context, options, drive))
    mkdirSync(options.out, { recursive: true })
    writeFileSync(join(options.out, 'mixed.json'), `${JSON.stringify(result, undefined, 1)}\n`)
    writeFileSync(join(options.out, 'mixed.md'), mixedMarkdown(result))
    writeFileSync(join(options.out, 'mixed.svg'), mixedChart(result))
    process.stdout.write(`${mixedMarkdown(result)}\n`)
    if (!result.valid) return exitCodes.invalid
    return result.stalls.length === 0 ? exitCodes.passed : exitCodes.failed
  } finally {
    if (!options.keepData) rmSync(place.directory, { recursive: true, force: true })
  }
}

async function measure(
  context: StoreContext,
  options: MixedFlags,
  drive: DriveContext,
): Promise<MixedResult> {
  const { identifiers, clock } = context
  const statistics = (await drive.target.statistics(AbortSignal.timeout(30_000))) ?? {}
  // A kept store holds what an earlier run registered; the prefix has two records of its own.
  const registrationBase = Math.max(identifiers, (statistics.records ?? 0) - 2)
  const workload = createMixedWorkload({
    preset: registerResolve,
    identifiers,
    seed: options.seed,
    worker: 0,
    workers: 1,
    registrationBase,
  })
  say(`warming up for ${options.warmUp} s …`)
  await offer(drive, options, { workload, durationSeconds: options.warmUp })
  say(`${options.rate} requests/s for ${options.duration} s …`)
  const startedAt = new Date(clock.nowMs()).toISOString()
  const cpuBefore = processUsage(drive.nodePid)?.cpuSeconds ?? 0
  const { record, loop, startMs, lateness } = await offer(drive, options, {
    workload,
    durationSeconds: options.duration,
  })
  if (record.wrong !== undefined) throw new WrongAnswerError(record.wrong)
  const nodeCpuSeconds = (processUsage(drive.nodePid)?.cpuSeconds ?? 0) - cpuBefore
  const log = readFileSync(join(context.dataDirectory, 'records', 'LOG'), 'utf8')
  const untilMs = startMs + (loop.measuredSeconds + loop.drainSeconds) * 1000
  const works = parseEngineLog(log).filter((work) => work.untilMs >= startMs && work.fromMs <= untilMs)
  const latenessP99Ns = lateness.percentileNs(0.99)
  const { signal } = context
  const { valid, invalidBecause } = judgeValidity({
    ...loop,
    latenessP99Ns,
    scheduled: undefined,
    interrupted: signal.aborted,
  })
  // Where the store lay and the result goes says nothing about it.
  const { data: _data, out: _out, keepData: _keepData, ...config } = options
  return {
    schemaVersion: 1,
    startedAt,
    environment: collectEnvironment(),
    config,
    identifiers,
    valid,
    invalidBecause,
    sent: loop.sent,
    notServed: record.notServed,
    ...(record.firstFailure === undefined ? {} : { firstFailure: record.firstFailure }),
    nodeCpuSeconds,
    latenessP99Ms: latenessP99Ns / 1e6,
    resolve: record.latencyOf('resolve'),
    register: record.latencyOf('register'),
    works: works.map((work) => ({
      kind: work.kind,
      what: work.what,
      fromSeconds: (work.fromMs - startMs) / 1000,
      untilSeconds: (work.untilMs - startMs) / 1000,
    })),
    stalls: record.stalls(works, startMs),
    seconds: record.seconds(works, startMs),
  }
}

async function offer(
  { target, clock, signal }: DriveContext,
  { rate: ratePerSecond, seed, stallMs }: MixedFlags,
  part: { readonly workload: ReturnType<typeof createMixedWorkload>; readonly durationSeconds: number },
) {
  const schedule = schedules.poisson({ ...part, ratePerSecond, seed, worker: 0, workers: 1 })
  const startMs = clock.nowMs()
  const startNs = clock.nowNs()
  const record = new MixedRecord({ stallMs, nowNs: () => clock.nowNs() - startNs })
  const lateness = new LatencyHistogram()
  const loop = await runOpenLoop({
    ...{ workload: part.workload, schedule, target, clock, signal, drainSecondsMax },
    inFlightMax: 10_000,
    recorder: {
      record: (sample) => record.record(sample),
      recordDropped: () => record.recordDropped(),
      recordLateness: (ns) => {
        record.recordLateness(ns)
        lateness.record(ns)
      },
    },
  })
  return { record, loop, startMs, lateness }
}
