import { expect, test } from 'vitest'
import { openTablesMax } from '../../src/store/open-tables.ts'

test('tables beyond the mapped thousand take at most half of the descriptors', () => {
  expect(openTablesMax(0)).toBe(1000)
  expect(openTablesMax(1024)).toBe(1512)
  expect(openTablesMax(1_000_000)).toBe(9000)
})

test('the limit of this process is read', () => {
  expect(openTablesMax()).toBeGreaterThanOrEqual(1000)
})
