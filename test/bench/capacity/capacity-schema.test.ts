import { expect, test } from 'vitest'
import { type CapacityResult, capacitySchemaVersion } from '../../../bench/capacity/capacity-result.ts'
import { capacitySchema } from '../../../bench/capacity/capacity-schema.ts'
import { exampleReport } from '../../support/example-report.ts'

const { environment, target, startedAt } = exampleReport()

const capacity: CapacityResult = {
  ...{ capacitySchemaVersion, startedAt, environment, target, command: [], config: {}, seed: 1 },
  objective: 'resolve.p99<1ms',
  ...{ capacityPerSecond: 1000, spread: undefined, kneePerSecond: undefined, curve: [] },
  searches: [
    { capacityPerSecond: 1000, limitedBy: undefined, trials: [] },
    { capacityPerSecond: undefined, limitedBy: 'target', brokenBecause: 'it went away', trials: [] },
  ],
  sizing: {
    ...{ headroom: 3, nodes: undefined, diskBytesPerNode: undefined, cacheBytesPerNode: undefined },
    expectation: { identifiers: 1, peakPerSecond: 1, growth: 0, years: 1 },
    basis: ['no number of nodes suffices'],
  },
}

test('a capacity is read as it was written, whatever ended its searches', () => {
  expect(capacitySchema.parse(JSON.parse(JSON.stringify(capacity)))).toEqual(capacity)
})

test('fields that are not known here are let through', () => {
  const newer = { ...capacity, searches: [{ trials: [], soughtBy: 'chance' }], weather: 'fair' }
  expect(capacitySchema.parse(JSON.parse(JSON.stringify(newer)))).toMatchObject({
    weather: 'fair',
    searches: [{ soughtBy: 'chance' }],
  })
})
