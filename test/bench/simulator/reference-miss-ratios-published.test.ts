import { expect, test } from 'vitest'
import { generateTrace } from '../../../bench/simulator/generate-trace.ts'
import { simulate } from '../../../bench/simulator/simulate.ts'
import type { DenseTrace } from '../../../bench/workload/traces/dense-trace.ts'
import type { PolicyName } from '../../../src/cache/policies/index.ts'
import { createPrng } from '../../../src/support/prng.ts'

// Per cent of hits that were published for 7.5 million requests to 500,000 items by Zipf's law with exponent 0.99, of which
// a thousandth is cached, and how many points ours may be off: another seed, and variants that differ in details.
const publishedHits: readonly (readonly [PolicyName, number, number])[] = [
  ['lru', 36.59, 0.2],
  ['clock', 37.34, 0.5],
  ['2q', 45.49, 0.5],
  ['slru', 46.48, 0.5],
  ['s3-fifo', 47.16, 0.2],
  ['w-tinylfu', 47.37, 0.8],
  ['sieve', 47.42, 0.2],
]

test('hit ratios are those published for a Zipf stream', { timeout: 120_000 }, () => {
  const trace = zipfTrace({ items: 500_000, requests: 7_500_000 })
  const found = publishedHits.map(([policy, published, tolerancePoints]) => {
    const { misses, requests } = simulate(policy, trace, { capacity: 500, unit: 'objects' })
    const ours = 100 * (1 - misses / requests)
    const line = `${policy.padEnd(12)} ${ours.toFixed(2)} % of hits, published ${published} %`
    return { line, within: Math.abs(ours - published) <= tolerancePoints }
  })
  process.stdout.write(`${found.map(({ line }) => line).join('\n')}\n`)
  expect(found.filter(({ within }) => !within)).toEqual([])
})

// How many points our own generator, which is exact, may be below: its law has a heavier tail than the method above.
const belowMost = 1.7

test('with our own generator every policy hits up to 1.7 points less, and the order is nearly the same', {
  timeout: 120_000,
}, () => {
  const options = {
    distribution: 'zipfian',
    exponent: 0.99,
    objects: 500_000,
    requests: 7_500_000,
    seed: 42,
  } as const
  const trace = generateTrace(options)
  const found = publishedHits.map(([policy, published]) => {
    const { misses, requests } = simulate(policy, trace, { capacity: 500, unit: 'objects' })
    const ours = 100 * (1 - misses / requests)
    process.stdout.write(`${policy.padEnd(12)} ${ours.toFixed(2)} % of hits, published ${published} %\n`)
    return { policy, ours, below: published - ours }
  })
  expect(found.filter(({ below }) => below < 0.3 || below > belowMost)).toEqual([])
  const ascending = found.filter(({ policy }) => policy !== 'w-tinylfu').map(({ ours }) => ours)
  expect(ascending).toEqual(ascending.toSorted((left, right) => left - right))
})

/**
 * The popular method after J. Gray et al., "Quickly generating billion-record synthetic databases", SIGMOD 1994, which the
 * published runs used: it is not quite Zipf's law, and an exact generator gives about one point less for every policy.
 */
function zipfTrace({ items, requests }: { items: number; requests: number }): DenseTrace {
  const exponent = 0.99
  const prng = createPrng(1)
  let zeta = 0
  for (let rank = 1; rank <= items; rank++) zeta += rank ** -exponent
  const firstTwo = 1 + 2 ** -exponent
  const eta = (1 - (2 / items) ** (1 - exponent)) / (1 - firstTwo / zeta)
  const objectOf = new Uint32Array(requests)
  for (let request = 0; request < requests; request++) {
    const drawn = prng.nextDouble()
    if (drawn * zeta < 1) continue
    const rank = items * (eta * (drawn - 1) + 1) ** (1 / (1 - exponent))
    objectOf[request] = drawn * zeta < firstTwo ? 1 : Math.floor(rank)
  }
  return { requests, objects: items, objectOf }
}
