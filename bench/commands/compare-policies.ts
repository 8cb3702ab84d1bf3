import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/support/clock.ts'
import type { CommandContext } from '../cli/command-context.ts'
import { collectEnvironment } from '../measure/environment.ts'
import { type NodeProcess, startNode } from '../node/node-process.ts'
import { totalsOf } from '../report/phase-totals.ts'
import type { DrivenPhase } from '../report/report.ts'
import { readableJson, writeResult } from '../report/result-files.ts'
import { type ExitCode, exitCodes } from '../report/verdict.ts'
import type { Session } from '../run/session.ts'
import { batchDefault, concurrencyDefault, driveOpenLoop, loadStep, sampleDefault } from '../run/steps.ts'
import { withSession } from '../run/with-session.ts'
import { registrationBases } from '../workload/ordinals.ts'
import { type ComparePoliciesFlags, entriesOf } from './compare-policies-options.ts'

/** One policy at one size, as a node with it was measured. */
export type PolicyMeasurement = {
  readonly policy: string
  readonly cache: string
  readonly entriesMax: number
  readonly hitRatio: number | undefined
  readonly p50Ns: number
  readonly p99Ns: number
  readonly achievedPerSecond: number
  readonly nodeCpuMicrosecondsPerRequest: number | undefined
  readonly wrong: number
  readonly valid: boolean
}

/**
 * `erji-bench compare-policies`: a node with each policy at each cache size over one store, asked the same requests, so that
 * a miss ratio stands beside what it costs.
 */
export async function runComparePolicies(
  flags: ComparePoliciesFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const startedAt = new Date(systemClock.nowMs()).toISOString()
  const directory = mkdtempSync(join(tmpdir(), 'erji-policies-'))
  const measurements: PolicyMeasurement[] = []
  try {
    await load(flags, context, directory)
    for (const cache of flags.cache.split(',')) {
      for (const policy of flags.policies.split(',')) {
        if (context.signal.aborted) break
        const measured = await measurePolicy(flags, context, { directory, policy, cache })
        context.stream.write(`${line(measured)}\n`)
        measurements.push(measured)
      }
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
  return conclude({ flags, context, startedAt, measurements })
}

async function load(flags: ComparePoliciesFlags, context: CommandContext, directory: string): Promise<void> {
  await withNode({ flags, directory, settings: {} }, context, async (session) => {
    const { identifiers } = flags
    const sizes = {
      batch: batchDefault,
      concurrency: concurrencyDefault,
      sample: Math.min(identifiers, sampleDefault),
    }
    await loadStep(session, { ...sizes, name: 'load', first: 0, identifiers }).perform()
  })
}

async function measurePolicy(
  flags: ComparePoliciesFlags,
  context: CommandContext,
  at: { readonly directory: string; readonly policy: string; readonly cache: string },
): Promise<PolicyMeasurement> {
  const { policy, cache, directory } = at
  const entriesMax = entriesOf(cache, flags.identifiers)
  const settings = {
    'cache-policy': policy,
    'cache-entries-max': String(entriesMax),
    // All in the same kind of memory: what differs is who leaves.
    'cache-memory': 'slab',
  }
  return withNode({ flags, directory, settings }, context, async (session) => {
    const { preset, identifiers, rate, duration, warmUp, connections, timeout } = flags
    const [registrationBase = 0] = registrationBases(session.clock, {
      phases: 1,
      phaseSeconds: warmUp + duration,
    })
    const { phase, wrong } = await driveOpenLoop(session, {
      name: `${policy} at ${cache}`,
      workloadName: preset,
      workload: { kind: 'mix', preset, identifiers, registrationBase },
      schedule: 'poisson',
      profile: 'flat',
      ratePerSecond: rate,
      durationSeconds: duration,
      warmUpSeconds: warmUp,
      workers: 1,
      connections,
      timeoutSeconds: timeout,
    })
    return { policy, cache, entriesMax, wrong, ...figuresOf(phase) }
  })
}

function figuresOf(phase: DrivenPhase): Omit<PolicyMeasurement, 'policy' | 'cache' | 'entriesMax' | 'wrong'> {
  const { latency } = totalsOf(phase)
  const { nodeCpuSeconds, sent, cache, achievedPerSecond, valid } = phase
  return {
    hitRatio: cache?.hitRatio,
    p50Ns: latency.percentileNs(0.5),
    p99Ns: latency.percentileNs(0.99),
    achievedPerSecond,
    nodeCpuMicrosecondsPerRequest:
      nodeCpuSeconds === undefined || sent === 0 ? undefined : (nodeCpuSeconds * 1e6) / sent,
    valid,
  }
}

type NodeAt = {
  readonly flags: ComparePoliciesFlags
  readonly directory: string
  readonly settings: Readonly<Record<string, string>>
}

async function withNode<Result>(
  { flags, directory, settings }: NodeAt,
  context: CommandContext,
  use: (session: Session) => Promise<Result>,
): Promise<Result> {
  const secretFile = join(directory, 'secret')
  const { prefix } = flags
  const dataDirectory = join(directory, 'node')
  const shape = { durability: 'os', cacheBytes: cacheBytesMax, nodeWorkers: 1, settings }
  const node: NodeProcess = await startNode({ dataDirectory, secretFile, prefix, ...shape })
  try {
    return await withSession(node.url, { ...flags, secretFile, recordAdmin: false }, context, use)
  } finally {
    await node.stop()
  }
}

/** Entries are what is compared: bytes never decide. */
const cacheBytesMax = '4GiB'

async function conclude(done: {
  readonly flags: ComparePoliciesFlags
  readonly context: CommandContext
  readonly startedAt: string
  readonly measurements: readonly PolicyMeasurement[]
}): Promise<ExitCode> {
  const { flags, context, startedAt, measurements } = done
  const { seed, out } = flags
  const result = {
    startedAt,
    command: context.command,
    config: flags,
    seed,
    environment: collectEnvironment(),
    measurements,
  }
  const table = [
    '| policy | cache | entries | hit ratio | p50 | p99 | achieved/s | node CPU a request | valid |',
    '|--|--|--:|--:|--:|--:|--:|--:|--|',
    ...measurements.map(line),
  ].join('\n')
  const paths = await writeResult({
    ...{ directory: out, startedAt, name: 'policies' },
    files: [
      ['.json', () => readableJson(result)],
      ['.md', () => `${table}\n`],
    ],
  })
  process.stdout.write(`\n${table}\n\n${paths.join('\n')}\n`)
  const planned = flags.cache.split(',').length * flags.policies.split(',').length
  if (measurements.some(({ wrong }) => wrong > 0)) return exitCodes.failed
  if (context.signal.aborted) return exitCodes.invalid
  if (measurements.length < planned) return exitCodes.failed
  return measurements.every(({ valid }) => valid) ? exitCodes.passed : exitCodes.invalid
}

function line(measured: PolicyMeasurement): string {
  const { policy, cache, entriesMax, hitRatio, p50Ns, p99Ns, achievedPerSecond, valid } = measured
  const cpu = measured.nodeCpuMicrosecondsPerRequest
  const cells = [
    policy,
    cache,
    String(entriesMax),
    hitRatio === undefined ? '-' : `${(hitRatio * 100).toFixed(2)} %`,
    `${(p50Ns / 1e3).toFixed(0)} µs`,
    `${(p99Ns / 1e6).toFixed(2)} ms`,
    achievedPerSecond.toFixed(0),
    cpu === undefined ? '-' : `${cpu.toFixed(0)} µs`,
    valid ? 'yes' : 'NO',
  ]
  return `| ${cells.join(' | ')} |`
}
