import { readOracleGeneral } from './oracle-general.ts'
import { TraceError } from './trace-error.ts'

/** A trace in memory: which object each request asks for, four bytes a request. */
export type RecordedTrace = {
  readonly requests: Uint32Array
  /** How many different objects there are; requests hold numbers below it. */
  readonly objects: number
}

// One GiB of requests.
const requestsMaxDefault = 2 ** 28

/**
 * Reads a trace whole.
 * @throws TraceError where it cannot be used, or is longer than `requestsMax`.
 */
export async function loadTrace(
  file: string | URL,
  { requestsMax = requestsMaxDefault }: { readonly requestsMax?: number } = {},
): Promise<RecordedTrace> {
  let requests = new Uint32Array(65_536)
  let count = 0
  let objects = 0
  for await (const batch of readOracleGeneral(file)) {
    if (count + batch.length > requestsMax) {
      const problem = `the trace has more than ${requestsMax} requests`
      throw new TraceError('TRACE_UNREADABLE', problem, {
        offsetBytes: requestsMax * 24,
        record: requestsMax,
      })
    }
    if (count + batch.length > requests.length) requests = grown(requests, count + batch.length)
    for (const { object } of batch) {
      requests[count++] = object
      if (object >= objects) objects = object + 1
    }
  }
  return { requests: requests.slice(0, count), objects }
}

function grown(requests: Uint32Array<ArrayBuffer>, atLeast: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(requests.length * 2, atLeast))
  larger.set(requests)
  return larger
}
