import type { Clock } from '../../src/support/clock.ts'
import { startProgress } from '../cli/progress.ts'
import { hasColumn, isSpilled, type StoredTrace } from '../workload/traces/stored-trace.ts'
import { capacityOf, type PolicyChoice, type SizeChoice } from './choices.ts'
import type { SimulationResult } from './simulate.ts'
import type { SimulatedTrace, SimulationRow, SimulationSettings } from './simulation-report.ts'
import { sweep } from './sweep.ts'
import type { SweepJob } from './sweep-messages.ts'

export type SweepContext = {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly stream: NodeJS.WriteStream
}

/** A request that no run could answer, in words. */
export class SimulationRefused extends Error {
  override readonly name = 'SimulationRefused'
}

/** Every policy at every size. @throws SimulationRefused where a size holds nothing or a policy cannot be run so. */
export function planJobs(
  trace: StoredTrace,
  asked: {
    readonly policies: readonly PolicyChoice[]
    readonly sizes: readonly SizeChoice[]
    readonly settings: SimulationSettings
  },
): SweepJob[] {
  const { policies, sizes, settings } = asked
  const expires = settings.ttlSeconds !== undefined || settings.useTraceTtl
  if (expires && !hasColumn(trace, 'atSecondsOf'))
    throw new SimulationRefused('the trace has no times, which a ttl needs')
  const clairvoyant = policies.find(({ policy }) => policy.startsWith('belady'))
  if (expires && clairvoyant !== undefined)
    throw new SimulationRefused(
      `${clairvoyant.label} knows the next use, not the next expiry: no ttl with it`,
    )
  if (isSpilled(trace) && clairvoyant !== undefined)
    throw new SimulationRefused(
      `${clairvoyant.label} looks ahead, for which all ${trace.requests} requests have to be in memory: raise --requests-in-memory`,
    )
  return sizes.flatMap((size) => {
    const { capacity, unit } = capacityOf(size, trace, settings)
    if (capacity === 0) throw new SimulationRefused(`the size ${size.label} of this trace holds nothing`)
    if (unit === 'bytes' && !hasColumn(trace, 'bytesOf'))
      throw new SimulationRefused(
        `the size ${size.label} counts bytes, and object sizes are ignored or absent`,
      )
    return policies.map((policy) => ({ policy, size: size.label, capacity, unit }))
  })
}

/** Runs the jobs over the trace with progress. */
export async function runJobs(
  opened: { readonly trace: StoredTrace; readonly facts: SimulatedTrace },
  jobs: readonly SweepJob[],
  settings: SimulationSettings,
  context: SweepContext,
  options: { readonly tellsSeed?: boolean } = {},
): Promise<SimulationRow[]> {
  const { trace, facts } = opened
  const { threads, ignoreObjectSize: _ignoreObjectSize, ttlSeconds, ...given } = settings
  const progress = startProgress({
    label: `simulate ${jobs.length} runs`,
    total: jobs.length * trace.requests,
    unit: 'requests',
    clock: context.clock,
    stream: context.stream,
  })
  try {
    const results = await sweep(
      trace,
      jobs,
      { ...given, ...(ttlSeconds === undefined ? {} : { ttlSeconds }) },
      {
        threads,
        signal: context.signal,
        whenDone: (done) => progress.update(done * trace.requests, facts.file),
      },
    )
    return results.map((result, job) => ({
      ...rowOf(facts.file, jobs[job] as SweepJob, result),
      ...(options.tellsSeed === true ? { seed: settings.seed } : {}),
    }))
  } finally {
    progress.stop()
  }
}

function rowOf(trace: string, job: SweepJob, result: SimulationResult): SimulationRow {
  const { policy, parameters, capacity, unit, requests, misses, bytes, byteMisses } = result
  const { evictions, expirations, refusals, nsPerRequest, series } = result
  return {
    trace,
    label: job.policy.label,
    policy,
    parameters,
    size: job.size,
    capacity,
    unit,
    requests,
    misses,
    missRatio: misses / Math.max(1, requests),
    bytes,
    byteMisses,
    byteMissRatio: byteMisses / Math.max(1, bytes),
    evictions,
    expirations,
    refusals,
    nsPerRequest,
    series: series.map((window) => ({ ...window })),
  }
}
