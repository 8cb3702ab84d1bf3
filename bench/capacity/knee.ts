import type { CurvePoint } from './capacity-result.ts'

/**
 * The knee of latency against rate: the point farthest below the line from the first to the last one, both axes scaled
 * to 1 (Satopää et al., "Finding a Kneedle in a Haystack", 2011). Latency counts on the logarithm, where a curve that
 * spans decades still shows its bend. Undefined for fewer than four points.
 */
export function kneePerSecond(curve: readonly CurvePoint[]): number | undefined {
  const points = curve
    .filter(({ valid, p99Ns }) => valid && p99Ns > 0)
    .toSorted((left, right) => left.offeredPerSecond - right.offeredPerSecond)
  const first = points.at(0)
  const last = points.at(-1)
  if (points.length < 4 || first === undefined || last === undefined) return undefined
  const width = last.offeredPerSecond - first.offeredPerSecond
  const height = Math.log(last.p99Ns / first.p99Ns)
  if (width <= 0 || height <= 0) return undefined
  let knee: { readonly rate: number; readonly depth: number } | undefined
  for (const { offeredPerSecond, p99Ns } of points) {
    const depth = (offeredPerSecond - first.offeredPerSecond) / width - Math.log(p99Ns / first.p99Ns) / height
    if (knee === undefined || depth > knee.depth) knee = { rate: offeredPerSecond, depth }
  }
  return knee === undefined || knee.depth <= 0 ? undefined : knee.rate
}
