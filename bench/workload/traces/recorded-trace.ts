import { type LoadTraceOptions, loadDenseTrace } from './load-dense-trace.ts'

/** A trace in memory: which object each request asks for, four bytes a request. */
export type RecordedTrace = {
  readonly requests: Uint32Array
  /** How many different objects there are; requests hold numbers below it. */
  readonly objects: number
  /** When each was made, in whole seconds, where it was asked for and the format tells. */
  readonly atSecondsOf?: Uint32Array
}

/** What names a trace's format where neither its name nor its first bytes tell. */
export type TraceReading = Pick<LoadTraceOptions, 'format' | 'parameters'>

// One GiB of requests.
const requestsMaxDefault = 2 ** 28

/**
 * Reads a trace whole, for replay.
 * @throws TraceError where it cannot be used, or is longer than `requestsMax`.
 */
export async function loadTrace(
  file: string | URL,
  {
    requestsMax = requestsMaxDefault,
    times = false,
    ...reading
  }: TraceReading & { readonly requestsMax?: number; readonly times?: boolean } = {},
): Promise<RecordedTrace> {
  const without = { sizes: true, times: !times, ttls: true }
  const { trace } = await loadDenseTrace(file, { ...reading, without, requestsMax })
  const { atSecondsOf } = trace
  return {
    requests: trace.objectOf,
    objects: trace.objects,
    ...(atSecondsOf === undefined ? {} : { atSecondsOf }),
  }
}
