import { expect, test } from 'vitest'
import { createMixedWorkload } from '../../../bench/workload/mixed-workload.ts'
import { presets } from '../../../bench/workload/presets/index.ts'
import type { Preset } from '../../../bench/workload/presets/preset.ts'

const share = { identifiers: 1600, seed: 7, worker: 0, workers: 1 }

/** How often each kind is drawn in so many draws at one time. */
function kindsAt(preset: Preset, atSeconds: number, durationSeconds?: number): ReadonlyMap<string, number> {
  const workload = createMixedWorkload({ preset, ...share, durationSeconds })
  const counts = new Map<string, number>()
  for (let draw = 0; draw < 2000; draw++) {
    const operation = workload.next(atSeconds * 1e9)
    if (operation === undefined) break
    counts.set(operation.kind, (counts.get(operation.kind) ?? 0) + 1)
    workload.settled?.(operation, true)
  }
  return counts
}

test('a shipment is registered in a burst, then its lots are scanned, and so again', () => {
  for (const cycle of [0, 10, 20]) {
    expect(kindsAt(presets['supply-chain'], cycle + 1).get('register')).toBeGreaterThan(1700)
    expect(kindsAt(presets['supply-chain'], cycle + 5).has('register')).toBe(false)
  }
})

test('a day takes as long as the phase, and machines register by night', () => {
  const night = kindsAt(presets.province, 1, 60).get('register') ?? 0
  const noon = kindsAt(presets.province, 30, 60).get('register') ?? 0
  expect(night).toBeGreaterThan(noon * 2)
})

test('copied codes are asked for again and again, mistyped ones are all different', () => {
  const workload = createMixedWorkload({ preset: { ...presets.traceability, mix: { absent: 1 } }, ...share })
  const counts = new Map<number, number>()
  for (let draw = 0; draw < 4000; draw++) {
    const ordinal = workload.next()?.ordinal ?? -1
    counts.set(ordinal, (counts.get(ordinal) ?? 0) + 1)
  }
  const twenty = [...counts.values()].sort((left, right) => right - left).slice(0, 20)
  expect(twenty.reduce((sum, count) => sum + count, 0) / 4000).toBeGreaterThan(0.5)
  expect(counts.size).toBeGreaterThan(500)
})
