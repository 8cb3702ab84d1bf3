import type { ScheduleName } from '../driver/schedules/index.ts'
import type { WorkerPlan } from '../driver/worker-plan.ts'
import { runWorkers } from '../driver/worker-pool.ts'
import { startEcho } from '../echo/start-echo.ts'
import { LatencyHistogram } from '../measure/latency-histogram.ts'
import { mergeSnapshots, summariseSnapshot } from '../measure/operation-recorder.ts'
import { settledInTime } from '../report/driven-phase.ts'
import type { Calibration } from '../report/report.ts'

/** The load about to be offered, and by which generator. */
export type CalibratedLoad = {
  readonly ratePerSecond: number
  /** Clients that wait for their answers, in the place of the rate. */
  readonly closedLoop?: WorkerPlan['closedLoop']
  readonly schedule: ScheduleName
  readonly workers: number
  readonly connections: number
  readonly requestsPerConnection?: number | undefined
  readonly cores?: readonly number[] | undefined
}

export type CalibrationOptions = CalibratedLoad & {
  readonly seed: number
  readonly signal: AbortSignal
}

/** What the flags of a command say of that load. */
export function calibratedLoad(
  flags: Omit<CalibratedLoad, 'ratePerSecond' | 'closedLoop'> & {
    readonly rate: number
    readonly clients?: number | undefined
    readonly think?: number
  },
): CalibratedLoad {
  const { schedule, workers, connections, requestsPerConnection, cores, rate, clients, think = 0 } = flags
  return {
    ...{ schedule, workers, connections, requestsPerConnection, cores },
    ratePerSecond: rate,
    closedLoop: clients === undefined ? undefined : { clients, thinkSeconds: think },
  }
}

const identifiers = 1000
const unboundedSeconds = 0.3
/** More than any generator of this kind holds: what it reaches is its limit. */
const unboundedPerSecond = 1_000_000
const floorSeconds = 1
/** Beyond this share of what generator and echo server reach together, a backlog would be measured. */
const floorShareMax = 0.5

/**
 * Measures the generator by itself, with the workers, cores and connections that it has against the target: the rate that it holds against
 * the null target, which answers without a socket; the rate that clients without a pause reach on an echo server (HTTP) in a process of its
 * own; and, under the load about to be offered, its latency there and its lateness. Latencies near that floor are mostly the harness's.
 */
export async function calibrate(options: CalibrationOptions): Promise<Calibration> {
  const { ratePerSecond, seed, connections, requestsPerConnection, closedLoop } = options
  const nowhere = { name: 'null', url: 'null:', connections: 1, timeoutSeconds: 1 } as const
  const alone = await measured(options, {
    target: nowhere,
    ratePerSecond: unboundedPerSecond,
    durationSeconds: unboundedSeconds,
  })
  const echo = await startEcho({ records: { seed, prefix: '88.118' }, identifiers })
  try {
    const target = {
      ...({ name: 'handle-http', url: echo.url, timeoutSeconds: 10 } as const),
      ...{ connections, requestsPerConnection },
    }
    const busiest = await measured(options, {
      target,
      ratePerSecond: unboundedPerSecond,
      durationSeconds: unboundedSeconds,
      closedLoop: { clients: connections, thinkSeconds: 0 },
    })
    const floorPerSecond = Math.max(1, Math.min(ratePerSecond, busiest.perSecond * floorShareMax))
    const floor = await measured(options, {
      target,
      ratePerSecond: floorPerSecond,
      durationSeconds: floorSeconds,
      closedLoop,
    })
    return {
      generatorPerSecond: alone.perSecond,
      echoPerSecond: busiest.perSecond,
      floorPerSecond: closedLoop === undefined ? floorPerSecond : floor.perSecond,
      floorP50Ns: floor.latency.percentileNs(0.5),
      floorP99Ns: floor.latency.percentileNs(0.99),
      latenessP99Ns: floor.latenessP99Ns,
    }
  } finally {
    echo.close()
  }
}

type Varied = Pick<WorkerPlan, 'target' | 'ratePerSecond' | 'closedLoop'> & {
  readonly durationSeconds: number
}

async function measured(options: CalibrationOptions, varied: Varied) {
  const { workers, seed, signal, schedule, cores } = options
  const plans = Array.from({ length: workers }, (_, worker): WorkerPlan => {
    const { target } = varied
    return {
      ...varied,
      target: { ...target, connections: Math.ceil(target.connections / workers) },
      worker,
      workers,
      seed,
      records: { seed, prefix: '88.118' },
      workload: { kind: 'mix', preset: 'ycsb-c', identifiers, registrationBase: identifiers },
      schedule,
      cores,
      profile: 'flat',
      warmUpSeconds: 0.3,
      inFlightMax: 1000,
    }
  })
  const results = await runWorkers(plans, { signal, whenWarm: async () => undefined })
  const summary = summariseSnapshot(mergeSnapshots(results.map(({ snapshot }) => snapshot)))
  const seconds = Math.max(...results.map(({ loop }) => loop.measuredSeconds))
  const latency = new LatencyHistogram()
  for (const operation of summary.operations) latency.merge(LatencyHistogram.fromHistogram(operation.latency))
  return {
    perSecond: seconds > 0 ? settledInTime(summary.operations) / seconds : 0,
    latency,
    latenessP99Ns: summary.schedulingLateness.p99Ns,
  }
}
