/** Zipf's law fitted to how often objects were asked for, in two usual ways, each with its goodness. */
export type ZipfFit = {
  /** Maximum likelihood over the ranks, and the largest gap between both distributions (Kolmogorov and Smirnov): 0 is perfect. */
  readonly exponent: number
  readonly largestGap: number
  /** A straight line through the logarithms of rank and frequency, as many papers fit it, and its R²: 1 is perfect. */
  readonly lineExponent: number
  readonly lineR2: number
}

/** Fits the law to the requests of each object; undefined below two objects, where there is no slope. */
export function fitZipf(counts: Uint32Array): ZipfFit | undefined {
  const byRank = Uint32Array.from(counts).sort().reverse()
  const ranks = byRank.length
  if (ranks < 2) return undefined
  let requests = 0
  let logRanks = 0
  byRank.forEach((count, index) => {
    requests += count
    logRanks += count * Math.log(index + 1)
  })
  const exponent = minimum((s) => s * logRanks + requests * Math.log(harmonic(ranks, s)))
  return { exponent, largestGap: largestGap(byRank, { exponent, requests }), ...fitLine(byRank) }
}

const exponentMax = 8
const goldenRatio = (Math.sqrt(5) - 1) / 2

/** Where a function with one valley has its lowest point: golden-section search. */
function minimum(cost: (exponent: number) => number): number {
  let [low, high] = [0, exponentMax]
  while (high - low > 1e-6) {
    const step = goldenRatio * (high - low)
    if (cost(high - step) < cost(low + step)) high = low + step
    else low = high - step
  }
  return (low + high) / 2
}

const summedExactly = 1000

/** Σ k^−s for k = 1 … n: the first terms one by one, the others by Euler and Maclaurin's formula. */
function harmonic(n: number, s: number): number {
  let sum = 0
  const exact = Math.min(n, summedExactly)
  for (let k = 1; k <= exact; k++) sum += k ** -s
  if (n === exact) return sum
  const integral = Math.abs(s - 1) < 1e-9 ? Math.log(n / exact) : (n ** (1 - s) - exact ** (1 - s)) / (1 - s)
  const ends = (n ** -s - exact ** -s) / 2
  const slopes = (s * (exact ** (-s - 1) - n ** (-s - 1))) / 12
  return sum + integral + ends + slopes
}

function largestGap(
  byRank: Uint32Array,
  fit: { readonly exponent: number; readonly requests: number },
): number {
  const total = harmonic(byRank.length, fit.exponent)
  let [expected, observed, gap] = [0, 0, 0]
  byRank.forEach((count, index) => {
    expected += (index + 1) ** -fit.exponent / total
    observed += count / fit.requests
    gap = Math.max(gap, Math.abs(expected - observed))
  })
  return gap
}

function fitLine(byRank: Uint32Array): { readonly lineExponent: number; readonly lineR2: number } {
  let [x, y, xx, xy, yy] = [0, 0, 0, 0, 0]
  byRank.forEach((count, index) => {
    const [rank, frequency] = [Math.log(index + 1), Math.log(count)]
    x += rank
    y += frequency
    xx += rank * rank
    xy += rank * frequency
    yy += frequency * frequency
  })
  const n = byRank.length
  const [sxx, sxy, syy] = [xx - (x * x) / n, xy - (x * y) / n, yy - (y * y) / n]
  // All objects equally popular lie on a flat line.
  const lineR2 = syy <= 1e-12 * n ? 1 : (sxy * sxy) / (sxx * syy)
  return { lineExponent: -sxy / sxx, lineR2 }
}
