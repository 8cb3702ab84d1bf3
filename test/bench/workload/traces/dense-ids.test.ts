import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DenseIds } from '../../../../bench/workload/traces/dense-ids.ts'

test('ids are numbered in order of first appearance, whichever half they differ in', () => {
  const half = fc.oneof(fc.nat({ max: 3 }), fc.integer({ min: 2 ** 32 - 3, max: 2 ** 32 - 1 }))
  fc.assert(
    fc.property(fc.array(fc.tuple(half, half)), (ids) => {
      const dense = new DenseIds()
      const seen: string[] = []
      for (const [low, high] of ids) {
        const text = `${low} ${high}`
        if (!seen.includes(text)) seen.push(text)
        expect(dense.numberOf(low, high)).toBe(seen.indexOf(text))
      }
      expect(dense.count).toBe(seen.length)
    }),
  )
})

test('numbers stay what they were while the table grows', () => {
  const dense = new DenseIds()
  for (let id = 0; id < 50_000; id++) dense.numberOf(id * 7919, id % 13)
  for (let id = 0; id < 50_000; id++) expect(dense.numberOf(id * 7919, id % 13)).toBe(id)
})
