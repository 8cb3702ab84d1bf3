import { expect, test } from 'vitest'
import { presets } from '../../../bench/workload/presets/index.ts'
import { createRecordGenerator } from '../../../bench/workload/record-generator.ts'
import { bytesOf, formatRecordSizes, parseRecordSizes } from '../../../bench/workload/record-sizes.ts'
import { createPrng } from '../../../src/support/prng.ts'

test.each(['fixed:200', 'uniform:100:2000', 'lognormal:300:0.8', 'pareto:64:16384:1.2'])(
  '%s is read and written alike',
  (text) => {
    const sizes = parseRecordSizes(text)
    if (sizes === undefined) throw new Error('a form that is known')
    expect(formatRecordSizes(sizes)).toBe(text)
  },
)

test.each([
  '',
  'fixed',
  'fixed:-1',
  'fixed:70000',
  'uniform:9:3',
  'lognormal:0:1',
  'lognormal:9:9',
  'pareto:0:9:1',
  'zipf:1:2:3',
])('"%s" is no distribution of sizes', (text) => expect(parseRecordSizes(text)).toBeUndefined())

test('sizes are those of the distribution: bounds, median and tail', () => {
  expect(drawn('fixed:200')).toEqual(Array(10_000).fill(200))
  const uniform = drawn('uniform:100:199')
  expect([uniform[0], uniform.at(-1)]).toEqual([100, 199])
  expect(quantile(uniform, 0.5)).toBeCloseTo(150, -1)
  const lognormal = drawn('lognormal:300:0.8')
  expect(quantile(lognormal, 0.5) / 300).toBeCloseTo(1, 1)
  // One standard deviation above the median.
  expect(quantile(lognormal, 0.8413) / (300 * Math.exp(0.8))).toBeCloseTo(1, 1)
  const pareto = drawn('pareto:64:16384:1.2')
  expect(pareto[0]).toBe(64)
  expect(pareto.at(-1)).toBeLessThanOrEqual(16_384)
  expect(quantile(pareto, 0.9) / (64 * 10 ** (1 / 1.2))).toBeCloseTo(1, 1)
})

test('a description has the drawn length in the record, stays through mutations and differs between records', () => {
  const sizes = presets['life-cycle'].recordSizes
  const generator = createRecordGenerator({ seed: 3, prefix: '88.118', sizes })
  const described = Array.from({ length: 2000 }, (_, ordinal) =>
    descriptionOf(generator.recordOf(ordinal, 0).valuesJson),
  )
  expect(new Set(described).size).toBeGreaterThan(1990)
  const lengths = described.map((text) => text.length).sort((left, right) => left - right)
  expect(quantile(lengths, 0.5) / 600).toBeCloseTo(1, 0.5)
  for (const revision of [1, 2]) {
    expect(descriptionOf(generator.recordOf(5, revision).valuesJson)).toBe(described[5])
  }
  const plain = createRecordGenerator({ seed: 3, prefix: '88.118' })
  expect(plain.recordOf(5, 0).handle).toBe(generator.recordOf(5, 0).handle)
  expect(descriptionOf(plain.recordOf(5, 0).valuesJson)).toBe('')
})

function drawn(text: string): number[] {
  const sizes = parseRecordSizes(text)
  if (sizes === undefined) throw new Error('a form that is known')
  const prng = createPrng(1)
  const draw = (): number => bytesOf(sizes, prng.nextDouble(), prng.nextDouble())
  return Array.from({ length: 10_000 }, draw).sort((left, right) => left - right)
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN
}

function descriptionOf(valuesJson: string): string {
  const values: readonly { index: number; data: { value: string } }[] = JSON.parse(valuesJson)
  return values.find(({ index }) => index === 6)?.data.value ?? ''
}
