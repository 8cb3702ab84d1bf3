import { expect, test } from 'vitest'
import { Tally } from '../../../bench/registration/tally.ts'

test('only what is acknowledged between warm-up and end counts, with the longest wait between two', () => {
  const tally = new Tally()
  tally.add({ records: 5, asked: 5, atNs: 999e6 })
  expect(tally.warmUp).toBe(5)
  tally.begin({ fromNs: 1000e6, untilNs: 2000e6 })
  tally.add({ records: 1, asked: 1, atNs: 1100e6 })
  tally.add({ records: 2, asked: 3, atNs: 1700e6 })
  expect(tally.isOver).toBe(false)
  tally.add({ records: 1, asked: 1, atNs: 2001e6 })
  expect(tally.isOver).toBe(true)
  tally.add({ records: 1, asked: 1, atNs: 1500e6 })
  expect(tally.result()).toEqual({ records: 3, failed: 1, longestGapMs: 600 })
})
