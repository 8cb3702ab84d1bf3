import type { Clock } from '../src/support/clock.ts'
import type { WorkerPlan } from './driver/worker-plan.ts'
import { runWorkers } from './driver/worker-pool.ts'
import { mergeSnapshots, summariseSnapshot } from './measure/operation-recorder.ts'
import type { Calibration } from './report/report.ts'
import { measureKnown } from './truth/measure-known.ts'

export type CalibrationOptions = {
  /** The rate about to be offered. */
  readonly ratePerSecond: number
  readonly workers: number
  readonly seed: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

const floorSeconds = 1
const unboundedSeconds = 0.5
/** More than any generator of this kind holds: what it reaches is its limit. */
const unboundedPerSecond = 400_000

/**
 * Measures the generator before the target: the rate that it holds without one, and its own latency against a server
 * in this process that answers at once, at the rate about to be offered. Latencies near that floor are mostly the harness's.
 */
export async function calibrate(options: CalibrationOptions): Promise<Calibration> {
  const { ratePerSecond, signal, seed } = options
  const generatorPerSecond = await highestRate(options)
  const { measured, phase } = await measureKnown({
    model: 'none',
    ratePerSecond: Math.min(ratePerSecond, floorRateMax),
    durationSeconds: floorSeconds,
    seed,
    signal,
  })
  return {
    generatorPerSecond,
    floorP50Ns: measured.percentileNs(0.5),
    floorP99Ns: measured.percentileNs(0.99),
    latenessP99Ns: phase.schedulingLateness.p99Ns,
  }
}

/** A plain server in this process would be the limit beyond it. */
const floorRateMax = 5000

async function highestRate({ workers, seed, signal }: CalibrationOptions): Promise<number> {
  const plans = Array.from({ length: workers }, (_, worker) => nullPlan({ worker, workers, seed }))
  const results = await runWorkers(plans, { signal, whenWarm: async () => undefined })
  const { settled } = summariseSnapshot(mergeSnapshots(results.map(({ snapshot }) => snapshot)))
  const seconds = Math.max(...results.map(({ loop }) => loop.elapsedSeconds))
  return seconds > 0 ? settled / seconds : 0
}

function nullPlan(share: Pick<WorkerPlan, 'worker' | 'workers' | 'seed'>): WorkerPlan {
  return {
    ...share,
    target: { name: 'null', url: 'null:', connections: 1, timeoutSeconds: 1 },
    records: { seed: share.seed, prefix: '88.118' },
    workload: { kind: 'mix', preset: 'ycsb-c', identifiers: 10_000, registrationBase: 10_000 },
    schedule: 'constant',
    profile: 'flat',
    ratePerSecond: unboundedPerSecond,
    durationSeconds: unboundedSeconds,
    warmUpSeconds: 0.2,
    inFlightMax: 1000,
  }
}
