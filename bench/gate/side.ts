import { probeCeiling } from '../ceiling-phase.ts'
import { LatencyHistogram } from '../measure/latency-histogram.ts'
import { measureOpenLoop } from '../open-loop-phase.ts'
import { registrationBases } from '../ordinals.ts'
import type { Progress } from '../progress.ts'
import type { OpenLoopPhase } from '../report/report.ts'
import type { Session } from '../session.ts'
import { inFlightDefault } from '../steps.ts'
import { handlePath } from '../target/handle-path.ts'
import type { PresetName } from '../workload/presets/index.ts'
import type { Measurement } from './metric.ts'
import type { Side } from './run-gate.ts'

export type SideOptions = {
  readonly preset: PresetName
  readonly identifiers: number
  readonly ratePerSecond: number
  readonly sliceSeconds: number
  readonly connections: number
  readonly timeoutSeconds: number
}

/** What a gate run cannot go on with: wrong answers, or a generator that did not keep up. */
export class GateInvalidError extends Error {
  override readonly name = 'GateInvalidError'
}

/** A loaded node as one side of a gate: each repetition is a slice of open loop and a slice of closed loop. */
export function nodeSide(name: string, session: Session, options: SideOptions): Side {
  return {
    name,
    async measure(signal): Promise<Measurement> {
      const phase = await openLoopSlice(name, { ...session, signal }, options)
      if (signal.aborted) return {}
      return { ...metricsOf(phase), ...(await closedLoopSlice({ ...session, signal }, options)) }
    },
  }
}

/** The metrics that one open-loop phase yields. */
export function metricsOf(phase: OpenLoopPhase): Measurement {
  const resolutions = phase.operations.filter(
    ({ operation, outcome }) => operation.startsWith('resolve') && outcome === 'ok',
  )
  const latency = new LatencyHistogram()
  for (const operation of resolutions) latency.merge(LatencyHistogram.fromHistogram(operation.latency))
  const answered = phase.operations.reduce((total, { count }) => total + count, 0)
  const { nodeCpuSeconds } = phase
  return {
    ...(latency.count === 0
      ? {}
      : { p50: latency.percentileNs(0.5) / 1e3, p99: latency.percentileNs(0.99) / 1e3 }),
    ...(nodeCpuSeconds === undefined || answered === 0 || nodeCpuSeconds === 0
      ? {}
      : { cpu: (nodeCpuSeconds * 1e6) / answered }),
  }
}

const warmUpSeconds = 0.3
const silent: Progress = { update: () => undefined, stop: () => undefined }

async function openLoopSlice(name: string, session: Session, options: SideOptions): Promise<OpenLoopPhase> {
  const { url, credentials, records, seed } = session
  const { preset, identifiers, ratePerSecond, sliceSeconds } = options
  // What an earlier slice registered on this node is still there.
  const [registrationBase = 0] = registrationBases(session.clock, { phases: 1, phaseSeconds: sliceSeconds })
  const { phase, wrong } = await measureOpenLoop(
    {
      name: `slice of ${name}`,
      workloadName: preset,
      workload: { kind: 'mix', preset, identifiers, registrationBase },
      schedule: 'poisson',
      profile: 'flat',
      ratePerSecond,
      durationSeconds: sliceSeconds,
      warmUpSeconds,
      workers: 1,
      target: {
        name: 'handle-http',
        url,
        connections: options.connections,
        timeoutSeconds: options.timeoutSeconds,
        ...(credentials === undefined ? {} : { credentials }),
      },
      records,
      seed,
      inFlightMax: inFlightDefault,
    },
    { ...session, progress: silent },
  )
  if (wrong > 0) {
    throw new GateInvalidError(`${name} gave ${wrong} wrong answers, such as: ${phase.wrongExamples[0]}`)
  }
  if (phase.sent === 0 && !session.signal.aborted) {
    throw new GateInvalidError(`${name} could not be asked at ${ratePerSecond}/s: every arrival was dropped`)
  }
  return phase
}

async function closedLoopSlice(session: Session, options: SideOptions): Promise<Measurement> {
  const { clock, signal, generator } = session
  const { requestsPerSecond, errors } = await probeCeiling({
    url: new URL(handlePath(generator.handleOf(0)), session.url).href,
    connections: options.connections,
    durationSeconds: Math.max(1, Math.round(options.sliceSeconds / 2)),
    nodePid: undefined,
    clock,
    signal,
  })
  return errors > 0 || requestsPerSecond <= 0 ? {} : { throughput: requestsPerSecond }
}
