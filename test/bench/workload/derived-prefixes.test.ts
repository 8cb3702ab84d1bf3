import { expect, test } from 'vitest'
import { createRecordGenerator } from '../../../bench/workload/record-generator.ts'

const generator = createRecordGenerator({ seed: 42, prefix: '88.118', derivedPrefixes: 10 })

test('ten prefixes share the identifiers unevenly, none without any, and every handle names one of them', () => {
  const counts = new Map<string, number>()
  for (let ordinal = 0; ordinal < 20_000; ordinal++) {
    const handle = generator.handleOf(ordinal)
    expect(generator.recordOf(ordinal, 0).handle).toBe(handle)
    const prefix = handle.slice(0, handle.indexOf('/'))
    expect(generator.absentHandleOf(ordinal).startsWith(`${prefix}/`)).toBe(true)
    counts.set(prefix, (counts.get(prefix) ?? 0) + 1)
  }
  expect([...counts.keys()].toSorted()).toEqual(
    Array.from({ length: 10 }, (_, index) => `88.118.${index + 1}`).toSorted(),
  )
  const shares = [...counts.values()].sort((left, right) => right - left)
  expect((shares[0] ?? 0) / (shares.at(-1) ?? 1)).toBeGreaterThan(4)
})

test('one prefix is the prefix itself', () => {
  const single = createRecordGenerator({ seed: 42, prefix: '88.118', derivedPrefixes: 1 })
  const plain = createRecordGenerator({ seed: 42, prefix: '88.118' })
  for (let ordinal = 0; ordinal < 100; ordinal++) {
    expect(single.recordOf(ordinal, 0)).toEqual(plain.recordOf(ordinal, 0))
  }
})
