import { describe, expect, test } from 'vitest'
import { distributions } from '../../../../bench/workload/distributions/index.ts'
import { type OperationKind, operationKinds } from '../../../../bench/workload/operation.ts'
import { presetNames, presets } from '../../../../bench/workload/presets/index.ts'
import type { Preset } from '../../../../bench/workload/presets/preset.ts'
import { createPrng } from '../../../../src/support/prng.ts'

describe.each(Object.entries<Preset>(presets))('%s', (name, preset) => {
  test('the shares are of known operations and add up to 1', () => {
    expect(operationKinds).toEqual(expect.arrayContaining(Object.keys(preset.mix)))
    const shares = Object.values(preset.mix)
    expect(shares.every((share) => share > 0)).toBe(true)
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9)
  })

  test('mixes that follow each other are whole ones, and their mean is the mix', () => {
    const moments = preset.cycle?.moments ?? [{ untilShare: 1, mix: preset.mix }]
    expect(moments.at(-1)?.untilShare).toBe(1)
    const mean: Partial<Record<OperationKind, number>> = {}
    let from = 0
    for (const { untilShare, mix } of moments) {
      expect(untilShare).toBeGreaterThan(from)
      expect(Object.values(mix).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9)
      for (const kind of operationKinds)
        mean[kind] = (mean[kind] ?? 0) + (untilShare - from) * (mix[kind] ?? 0)
      from = untilShare
    }
    for (const kind of operationKinds) expect(mean[kind]).toBeCloseTo(preset.mix[kind] ?? 0, 9)
  })

  test('it bears the name that selects it', () => {
    expect(preset.name).toBe(name)
    expect(presetNames).toContain(name)
  })

  test('its distribution accepts its settings', () => {
    const { name: distribution, ...settings } = preset.distribution
    expect(distributions[distribution]({ ...settings, items: 10, prng: createPrng(1) }).next()).toBeLessThan(
      10,
    )
  })

  test('it deletes less than it registers', () => {
    expect(preset.mix.delete ?? 0).toBeLessThanOrEqual(preset.mix.register ?? 0)
  })
})
