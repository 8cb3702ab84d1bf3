import { expect, test } from 'vitest'
import { measure, measureReference } from '../../bench/registration/measure.ts'

const options = { connections: 8, warmSeconds: 0.3, warmRecords: 10, seconds: 0.7, bulkRecords: 500 }

test.each([
  { kind: 'single', durability: 'os', workers: 2 },
  { kind: 'bulk', durability: 'os', workers: 1 },
] as const)('registrations of a node are counted with its CPU seconds: $kind', async (variant) => {
  const measured = await measure(variant, options)
  expect(measured.failed).toBe(0)
  expect(measured.records).toBeGreaterThan(0)
  expect(measured.recordsPerSecond).toBeCloseTo(measured.records / measured.seconds)
  expect(measured.serverCpuSeconds).toBeGreaterThan(0)
})

test('the reference is a server that does nothing but answer', async () => {
  const measured = await measureReference(options)
  expect(measured.failed).toBe(0)
  expect(measured.records).toBeGreaterThan(0)
})
