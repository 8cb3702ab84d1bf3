import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { generateTrace } from '../../../bench/simulator/generate-trace.ts'
import { distributionNames } from '../../../bench/workload/distributions/index.ts'

test.each(distributionNames)('%s: a seed gives one trace, another seed another', (distribution) => {
  const options = { distribution, exponent: 0.99, requests: 5000, objects: 300, seed: 1 } as const
  const trace = generateTrace(options)
  expect(trace.requests).toBe(5000)
  expect(trace.objects).toBeLessThanOrEqual(300)
  expect(generateTrace(options)).toEqual(trace)
  if (distribution !== 'loop')
    expect(generateTrace({ ...options, seed: 2 }).objectOf).not.toEqual(trace.objectOf)
})

test('the stream of a seed is the same on every machine', () => {
  const { objectOf } = generateTrace({
    distribution: 'zipfian',
    exponent: 1.1,
    requests: 20_000,
    objects: 1e6,
    seed: 7,
  })
  expect(createHash('sha256').update(objectOf).digest('hex').slice(0, 16)).toBe('d955c7d218de3344')
})
