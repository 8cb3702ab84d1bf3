import type { DenseTrace } from '../workload/traces/dense-trace.ts'
import { workingSetBytes } from './choices.ts'
import { StackDistances } from './stack-distances.ts'
import { fitZipf, type ZipfFit } from './zipf-fit.ts'

/** What a trace is made of. */
export type TraceStatistics = {
  readonly requests: number
  readonly objects: number
  readonly requestsPerObject: number
  /** Objects that are asked for once. */
  readonly oneHitWonders: number
  readonly bytes: number | undefined
  readonly workingSetBytes: number | undefined
  readonly zipf: ZipfFit | undefined
  /** Requests since the last request for the same object. */
  readonly reuseRequests: readonly Bucket[]
  /** Seconds since the last request for the same object, where the trace has times. */
  readonly reuseSeconds: readonly Bucket[] | undefined
  /** Different objects since the last request for the same object, itself included. */
  readonly reuseDistance: readonly Bucket[]
  readonly workingSet: readonly WorkingSetPoint[]
}

/** Requests whose value is from `from` up to and including `to`. */
export type Bucket = { readonly from: number; readonly to: number; readonly requests: number }

export type WorkingSetPoint = {
  /** Requests until here. */
  readonly requests: number
  /** Different objects since the beginning, and since the point before. */
  readonly objects: number
  readonly windowObjects: number
}

/** Reads a trace through once, and its frequencies once more. */
export function traceStatistics(
  trace: DenseTrace,
  { points = 100 }: { readonly points?: number } = {},
): TraceStatistics {
  const { requests, objects, objectOf, bytesOf } = trace
  const counts = new Uint32Array(objects)
  for (let request = 0; request < requests; request++) {
    const object = objectOf[request] as number
    counts[object] = (counts[object] as number) + 1
  }
  let oneHitWonders = 0
  for (const count of counts) if (count === 1) oneHitWonders++
  return {
    requests,
    objects,
    requestsPerObject: requests / Math.max(1, objects),
    oneHitWonders,
    bytes: bytesOf === undefined ? undefined : sum(bytesOf),
    workingSetBytes: bytesOf === undefined ? undefined : workingSetBytes(trace),
    zipf: fitZipf(counts),
    ...reuseOf(trace),
    workingSet: workingSetOf(trace, points),
  }
}

function sum(values: Uint32Array): number {
  let total = 0
  for (const value of values) total += value
  return total
}

function reuseOf({ requests, objects, objectOf, atSecondsOf }: DenseTrace) {
  const [byRequests, bySeconds, byDistance] = [new LogBuckets(), new LogBuckets(), new LogBuckets()]
  const lastOf = new Float64Array(objects).fill(-1)
  const distances = new StackDistances(objects)
  for (let request = 0; request < requests; request++) {
    const object = objectOf[request] as number
    const distance = distances.request(object)
    const last = lastOf[object] as number
    lastOf[object] = request
    if (last === -1) continue
    byDistance.add(distance)
    byRequests.add(request - last)
    if (atSecondsOf !== undefined)
      bySeconds.add(Math.max(0, (atSecondsOf[request] as number) - (atSecondsOf[last] as number)))
  }
  return {
    reuseRequests: byRequests.buckets(),
    reuseSeconds: atSecondsOf === undefined ? undefined : bySeconds.buckets(),
    reuseDistance: byDistance.buckets(),
  }
}

/** Buckets that double: 0, 1, 2–3, 4–7 … */
class LogBuckets {
  readonly #counts: number[] = []

  add(value: number): void {
    const bucket = value < 1 ? 0 : 1 + Math.floor(Math.log2(value))
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
  }

  buckets(): Bucket[] {
    return Array.from(this.#counts, (requests = 0, bucket) => ({
      from: bucket === 0 ? 0 : 2 ** (bucket - 1),
      to: bucket === 0 ? 0 : 2 ** bucket - 1,
      requests,
    })).filter(({ requests }) => requests > 0)
  }
}

function workingSetOf({ requests, objects, objectOf }: DenseTrace, points: number): WorkingSetPoint[] {
  const seenIn = new Int32Array(objects).fill(-1)
  const series: WorkingSetPoint[] = []
  let known = 0
  for (let point = 0; point < points; point++) {
    const from = Math.floor((requests * point) / points)
    const to = Math.floor((requests * (point + 1)) / points)
    let windowObjects = 0
    for (let request = from; request < to; request++) {
      const object = objectOf[request] as number
      if (seenIn[object] === point) continue
      if (seenIn[object] === -1) known++
      seenIn[object] = point
      windowObjects++
    }
    if (to > from) series.push({ requests: to, objects: known, windowObjects })
  }
  return series
}
