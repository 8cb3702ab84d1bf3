import { usageSeconds } from '../report/driven-phase.ts'
import type { DrivenPhase } from '../report/report.ts'
import type { Session } from '../run/session.ts'
import { driveOpenLoop } from '../run/steps.ts'

/** What one run at one offered rate came to. */
export type OverheadPoint = {
  readonly offeredPerSecond: number
  readonly achievedPerSecond: number
  /** Valid, nothing dropped, nothing wrong or failed, and at least 99 % of the rate. */
  readonly sustained: boolean
  readonly generatorCores: number
  readonly latenessP50Ns: number
  readonly latenessP99Ns: number
  readonly latencyP50Ns: number
  readonly latencyP99Ns: number
  /** Cores that programs other than the generator and the server used meanwhile, on the mean. */
  readonly otherCores: number | undefined
}

export type OverheadOptions = {
  /** The rate that shall be sustained. */
  readonly rate: number
  readonly duration: number
  readonly warmUp: number
  readonly connections: number
  readonly identifiers: number
  readonly repetitions: number
  /** To which core the generator is bound. */
  readonly core: number
  /** How much CPU time the server has used until now, in seconds. */
  serverCpuSeconds(): number
}

/** Rates tried beyond the one asked for, as factors of it, until one is not sustained. */
const beyond = [1.1, 1.2, 1.3, 1.4, 1.6, 1.8, 2]
const sustainedShareMin = 0.99

/** Half the rate and the rate itself, then upwards; below, where the rate itself is not sustained. */
export async function measureOverhead(session: Session, options: OverheadOptions): Promise<OverheadPoint[]> {
  const points = [
    await bestOf(session, options, options.rate / 2),
    await bestOf(session, options, options.rate),
  ]
  const upwards = points[1]?.sustained === true
  for (const factor of upwards ? beyond : [0.9, 0.8, 0.7, 0.6]) {
    if (session.signal.aborted) break
    const point = await bestOf(session, options, options.rate * factor)
    points.push(point)
    if (point.sustained !== upwards) break
  }
  return points.toSorted((left, right) => left.offeredPerSecond - right.offeredPerSecond)
}

/** A machine disturbs a run now and then: the first that sustains the rate, or else the last of those allowed. */
async function bestOf(session: Session, options: OverheadOptions, rate: number): Promise<OverheadPoint> {
  let point = await measureOnce(session, options, rate)
  for (let left = options.repetitions - 1; left > 0 && !point.sustained && !session.signal.aborted; left--)
    point = await measureOnce(session, options, rate)
  return point
}

async function measureOnce(session: Session, options: OverheadOptions, rate: number): Promise<OverheadPoint> {
  const { connections, duration, warmUp, identifiers, core } = options
  let serverBefore = options.serverCpuSeconds()
  const { phase, wrong } = await driveOpenLoop(session, {
    name: `${Math.round(rate)}/s`,
    workloadName: 'ycsb-c',
    workload: { kind: 'mix', preset: 'ycsb-c', identifiers, registrationBase: identifiers },
    schedule: 'poisson',
    profile: 'flat',
    ratePerSecond: Math.round(rate),
    durationSeconds: duration,
    warmUpSeconds: warmUp,
    workers: 1,
    connections,
    timeoutSeconds: 10,
    cores: [core],
    whenMeasuring: () => {
      serverBefore = options.serverCpuSeconds()
    },
  })
  return pointOf(phase, { wrong, serverCpuSeconds: options.serverCpuSeconds() - serverBefore, ...session })
}

function pointOf(
  phase: DrivenPhase,
  facts: {
    readonly wrong: number
    readonly serverCpuSeconds: number
    readonly stream: NodeJS.WritableStream
  },
): OverheadPoint {
  const { schedulingLateness, operations, harnessCpuSeconds, machineCpuSeconds } = phase
  const seconds = usageSeconds(phase)
  const ok = operations.find(({ outcome }) => outcome === 'ok')
  const clean = phase.valid && phase.dropped === 0 && facts.wrong === 0 && operations.length === 1
  const point = {
    offeredPerSecond: phase.offeredPerSecond,
    achievedPerSecond: phase.achievedPerSecond,
    sustained: clean && phase.achievedPerSecond >= phase.offeredPerSecond * sustainedShareMin,
    generatorCores: harnessCpuSeconds / seconds,
    latenessP50Ns: schedulingLateness.p50Ns,
    latenessP99Ns: schedulingLateness.p99Ns,
    latencyP50Ns: ok?.latency.p50Ns ?? 0,
    latencyP99Ns: ok?.latency.p99Ns ?? 0,
    otherCores:
      machineCpuSeconds === undefined
        ? undefined
        : Math.max(0, machineCpuSeconds - harnessCpuSeconds - facts.serverCpuSeconds) / seconds,
  }
  facts.stream.write(
    `${point.offeredPerSecond}/s: ${Math.round(point.achievedPerSecond)}/s ${point.sustained ? 'sustained' : 'not sustained'}\n`,
  )
  return point
}
