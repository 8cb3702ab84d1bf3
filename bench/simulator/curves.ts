import { SlotHeap } from '../../src/cache/slot-heap.ts'
import type { DenseTrace } from '../workload/traces/dense-trace.ts'
import type { PolicyChoice } from './choices.ts'
import { objectHash, sampleTrace } from './sampling.ts'
import { simulate } from './simulate.ts'
import { distanceHistogram, StackDistances } from './stack-distances.ts'

/** Miss ratios at some capacities in objects, and from how much they were found. */
export type Curve = {
  /** At each capacity, absent where the sample is too small to tell. */
  readonly missRatios: readonly (number | undefined)[]
  readonly sampledObjects: number
  readonly sampledRequests: number
  /** The part of the objects that was sampled, at the end. */
  readonly rate: number
}

/** Below this many sampled objects an estimate is too noisy to be quoted. */
export const sampledObjectsLeast = 1000

/** LRU, exactly: equal to a simulation at every capacity. */
export function exactCurve(trace: DenseTrace, capacities: readonly number[]): Curve {
  const histogram = distanceHistogram(trace)
  return {
    missRatios: missRatiosOf(histogram, { capacities, requests: trace.requests }),
    sampledObjects: trace.objects,
    sampledRequests: trace.requests,
    rate: 1,
  }
}

/** LRU, by SHARDS at a fixed rate with its adjustment (Waldspurger, Park, Garthwaite, Ahmad, FAST 2015). */
export function shardsCurve(
  trace: DenseTrace,
  capacities: readonly number[],
  options: { readonly rate: number; readonly salt: number },
): Curve {
  const { rate, salt } = options
  const sample = sampleTrace(trace, { rate, salt }).trace
  const scaled = new Float64Array(trace.objects + 1)
  distanceHistogram(sample).forEach((count, distance) => {
    addScaled(scaled, distance / rate, count)
  })
  const expected = trace.requests * rate
  adjust(scaled, expected - sample.requests)
  return {
    missRatios: missRatiosOf(scaled, { capacities, requests: expected }),
    sampledObjects: sample.objects,
    sampledRequests: sample.requests,
    rate,
  }
}

/**
 * LRU, by SHARDS with at most `objectsMax` sampled objects: whose hash is highest leaves, and the rate falls with it. Counts
 * made at a higher rate are scaled down; one common factor does that for all at once.
 */
export function shardsFixedSizeCurve(
  trace: DenseTrace,
  capacities: readonly number[],
  options: { readonly objectsMax: number; readonly salt: number },
): Curve {
  const { objectsMax, salt } = options
  const distances = new StackDistances(trace.objects)
  const highest = new SlotHeap(trace.objects)
  const sampled = new Uint8Array(trace.objects)
  const scaled = new Float64Array(trace.objects + 1)
  let threshold = 2 ** 32
  let factor = 1
  let count = 0
  let weight = 0
  let sampledRequests = 0
  for (let request = 0; request < trace.requests; request++) {
    const object = trace.objectOf[request] as number
    const hash = objectHash(object, salt)
    if (hash >= threshold) continue
    sampledRequests++
    weight += 1 / factor
    addScaled(scaled, (distances.request(object) * 2 ** 32) / threshold, 1 / factor)
    if (sampled[object] === 1) continue
    sampled[object] = 1
    highest.add(object, -hash)
    if (++count <= objectsMax) continue
    const lowered = -highest.keyOf(highest.first())
    factor *= lowered / threshold
    threshold = lowered
    while (count > 0 && -highest.keyOf(highest.first()) >= threshold) {
      const leaving = highest.first()
      highest.remove(leaving)
      distances.forget(leaving)
      count--
    }
  }
  const rate = threshold / 2 ** 32
  const expected = (trace.requests * rate) / factor
  adjust(scaled, expected - weight)
  const missRatios = missRatiosOf(scaled, { capacities, requests: expected })
  return { missRatios, sampledObjects: count, sampledRequests, rate }
}

/** Any policy, by simulating a sample in a cache scaled down alike (Waldspurger, Saemundsson, Ahmad, Park, USENIX ATC 2017). */
export function miniSimCurve(
  trace: DenseTrace,
  capacities: readonly number[],
  options: { readonly rate: number; readonly salt: number; readonly policy: PolicyChoice },
): Curve {
  const { rate, salt, policy } = options
  const sample = sampleTrace(trace, { rate, salt }).trace
  const missRatios = capacities.map((capacity) => {
    const scaledCapacity = Math.round(capacity * rate)
    if (scaledCapacity === 0 || sample.requests === 0) return undefined
    const settings = {
      capacity: scaledCapacity,
      unit: 'objects',
      parameters: policy.parameters,
      seed: salt,
    } as const
    const { misses } = simulate(policy.policy, sample, settings)
    // As SHARDS adjusts: what is missing from the expected number of requests are hits of the most popular objects.
    return Math.min(1, misses / (trace.requests * rate))
  })
  return { missRatios, sampledObjects: sample.objects, sampledRequests: sample.requests, rate }
}

/** The mean of the differences between two curves where both say something. */
export function meanAbsoluteError(left: Curve['missRatios'], right: Curve['missRatios']): number {
  const differences = left.flatMap((ratio, index) => {
    const other = right[index]
    return ratio === undefined || other === undefined ? [] : [Math.abs(ratio - other)]
  })
  return differences.reduce((sum, difference) => sum + difference, 0) / Math.max(1, differences.length)
}

/** The standard deviation between curves of the same capacities, point by point, and its mean. */
export function spreadOf(curves: readonly Curve[]): { readonly byPoint: number[]; readonly mean: number } {
  const points = curves[0]?.missRatios.length ?? 0
  const byPoint = Array.from({ length: points }, (_, point) => {
    const ratios = curves.flatMap(({ missRatios }) => missRatios[point] ?? [])
    const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / Math.max(1, ratios.length)
    const squares = ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0)
    return ratios.length < 2 ? 0 : Math.sqrt(squares / (ratios.length - 1))
  })
  return { byPoint, mean: byPoint.reduce((sum, deviation) => sum + deviation, 0) / Math.max(1, points) }
}

/** Distances beyond the objects there are count as cold misses do: no capacity of the curve holds them. */
function addScaled(histogram: Float64Array, distance: number, count: number): void {
  const rounded = Math.round(distance)
  const bucket = rounded < histogram.length ? rounded : 0
  histogram[bucket] = (histogram[bucket] as number) + count
}

/** SHARDS-adj: the sample has too few or too many requests because of the most popular objects, which have the least distance. */
function adjust(histogram: Float64Array, missing: number): void {
  if (histogram.length > 1) histogram[1] = (histogram[1] as number) + missing
}

function missRatiosOf(
  histogram: Float64Array,
  options: { readonly capacities: readonly number[]; readonly requests: number },
): number[] {
  const { capacities, requests } = options
  const hitsUpTo = new Float64Array(histogram.length)
  for (let distance = 1; distance < histogram.length; distance++)
    hitsUpTo[distance] = (hitsUpTo[distance - 1] as number) + (histogram[distance] as number)
  return capacities.map((capacity) => {
    const hits = hitsUpTo[Math.min(capacity, histogram.length - 1)] as number
    return Math.min(1, Math.max(0, (requests - hits) / Math.max(requests, Number.MIN_VALUE)))
  })
}
