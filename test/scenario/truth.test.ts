import { describe, expect, test } from 'vitest'
import type { DelayModelName } from '../../bench/truth/delays.ts'
import { measureKnown } from '../../bench/truth/measure-known.ts'

const signal = new AbortController().signal

/** Long enough for the delays to show, with delays so long that a millisecond of ours is little beside them. */
const cases: Readonly<Partial<Record<DelayModelName, readonly number[]>>> = {
  fixed: [0.5, 0.9, 0.99],
  // Not 0.9, where the distribution steps: one request in a thousand more or less moves that by all of the step.
  bimodal: [0.5, 0.95, 0.99],
  'short-stalls': [0.9, 0.95, 0.99],
}

describe.each(Object.entries(cases))('a server with %s', (model, shares) => {
  // Twice again: what else the machine does for a few milliseconds is no fault of the harness.
  const bounds = { timeout: 60_000, retry: 2 }
  test('is measured as what it is: percentiles within 2 % of its own clock', bounds, async () => {
    const { measured, truth, phase } = await measureKnown({
      model: model as DelayModelName,
      ratePerSecond: 300,
      durationSeconds: 6,
      seed: 3,
      signal,
    })
    expect(phase.operations.filter(({ outcome }) => outcome !== 'ok')).toEqual([])
    expect(Math.abs(measured.count - truth.count)).toBeLessThan(truth.count * 0.05)
    const lateness = phase.schedulingLateness.p99Ns
    for (const share of shares) {
      const [seen, known] = [measured.percentileNs(share), truth.percentileNs(share)]
      // What the generator itself was late by is in the latency on purpose, and known.
      expect(seen, `p${share * 100}`).toBeGreaterThan(known * 0.98)
      expect(seen, `p${share * 100}`).toBeLessThan(known * 1.02 + lateness + roundTripNsMax)
    }
  })
})

// Two passes through the kernel and two event loops on a busy machine, which the server's clock does not see.
const roundTripNsMax = 10e6
