import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { generateTrace } from '../../../bench/simulator/generate-trace.ts'
import { type DistributionName, distributionNames } from '../../../bench/workload/distributions/index.ts'

test.each(distributionNames)('%s: a seed gives one trace, another seed another', (distribution) => {
  const options = { distribution, exponent: 0.99, requests: 5000, objects: 300, seed: 1 } as const
  const trace = generateTrace(options)
  expect(trace.requests).toBe(5000)
  expect(trace.objects).toBeLessThanOrEqual(300)
  expect(generateTrace(options)).toEqual(trace)
  if (distribution !== 'loop')
    expect(generateTrace({ ...options, seed: 2 }).objectOf).not.toEqual(trace.objectOf)
})

/** The first 64 bits of SHA-256 over 20,000 requests, four bytes each, whichever machine drew them. */
const streams = {
  zipfian: '5c5e4b53c849a619',
  uniform: '12911bd1eeca4dd7',
  latest: '5c5e4b53c849a619',
  hotspot: '9cfba0018f23bc01',
  'shot-noise': 'a31673ce0e32c6b5',
  'flash-crowd': '003bb1b436f28738',
  'scan-pollution': '1658944bb2f60536',
  loop: 'bc995f75a4732ad8',
  mixture: 'fe39f103d2ee6ba1',
  'ycsb-zipfian': 'bed08e27c0d54802',
} as const satisfies Record<DistributionName, string>

test.each(distributionNames)('%s: the stream of a seed is the same on every machine', (distribution) => {
  const exponent = distribution === 'ycsb-zipfian' ? 0.99 : 1.1
  const { objectOf } = generateTrace({ distribution, exponent, requests: 20_000, objects: 100_000, seed: 7 })
  expect(createHash('sha256').update(objectOf).digest('hex').slice(0, 16)).toBe(streams[distribution])
})
