import { UsageError } from '../cli/flags.ts'
import { traceBase } from '../workload/ordinals.ts'
import { loadTrace, type RecordedTrace, type TraceReading } from '../workload/traces/recorded-trace.ts'
import { TraceError } from '../workload/traces/trace-error.ts'
import type { Step } from './run-benchmark.ts'
import type { Session } from './session.ts'
import { type LoadStepOptions, loadStep, type OpenLoopStepOptions, openLoopStep } from './steps.ts'

export type ReplayOptions = Pick<LoadStepOptions, 'batch' | 'concurrency'> &
  Pick<OpenLoopStepOptions, 'workers' | 'connections' | 'timeoutSeconds' | 'ratePerSecond' | 'objective'> & {
    readonly file: string
    /** How the file is read, where neither its name nor its first bytes tell. */
    readonly reading?: TraceReading
    /** Seconds of the trace in one second of the replay; at an even rate unless given. */
    readonly traceSpeed?: number | undefined
    /** How the report calls the trace. */
    readonly traceName: string
  }

// Enough for connections and compiled code.
const replayWarmUpSeconds = 2

/**
 * The two phases of a replay: every object of the trace is registered as an identifier, then its requests are resolved
 * in their order. What the cache makes of the trace from its first request on is measured: only absent handles warm up.
 * @throws UsageError where the trace cannot be read.
 */
export async function replaySteps(session: Session, options: ReplayOptions): Promise<readonly Step[]> {
  const { file, reading = {}, traceName, traceSpeed: speed } = options
  const times = speed !== undefined
  const { requests, objects, atSecondsOf } = await readTrace(file, { ...reading, times })
  const ratePerSecond =
    speed === undefined
      ? options.ratePerSecond
      : meanRate(speed, { file, atSecondsOf, requests: requests.length })
  // Not sampled: the replay reads back every object, and reading one before would put it into the cache.
  const load = { ...options, sample: 0, name: `load of ${traceName}`, first: traceBase, identifiers: objects }
  const replay = {
    ...options,
    ratePerSecond,
    name: `replay of ${traceName}`,
    workloadName: `trace ${traceName}`,
    workload: { kind: 'trace', file, reading, speed, base: traceBase } as const,
    // Evenly spaced, so that workers taking turns send the trace in its order.
    schedule: 'constant' as const,
    profile: 'flat' as const,
    durationSeconds: undefined,
    operations: requests.length,
    warmUpSeconds: replayWarmUpSeconds,
  }
  return [loadStep(session, load), openLoopStep(session, replay)]
}

/** Requests a second that the trace comes to at this speed. @throws UsageError where it tells no times. */
function meanRate(
  speed: number,
  trace: { readonly file: string; readonly atSecondsOf: Uint32Array | undefined; readonly requests: number },
): number {
  const { atSecondsOf, file, requests } = trace
  if (atSecondsOf === undefined) {
    throw new UsageError([
      `--trace-speed is "${speed}"; expected a trace that tells times, which "${file}" does not`,
    ])
  }
  const recordedSeconds = Math.max(0, (atSecondsOf.at(-1) ?? 0) - (atSecondsOf[0] ?? 0)) + 1
  return (requests * speed) / recordedSeconds
}

async function readTrace(
  file: string,
  choice: TraceReading & { readonly times: boolean },
): Promise<RecordedTrace> {
  try {
    return await loadTrace(file, choice)
  } catch (error) {
    if (!(error instanceof TraceError)) throw error
    throw new UsageError([`--trace is "${file}"; expected a trace that can be read: ${error.message}`])
  }
}
