import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PolicyFactory } from '../../src/cache/policy.ts'
import { assert } from '../../src/support/assert.ts'
import { PolicyCore, type PolicyStep } from '../support/policy-core.ts'

/**
 * What every policy promises to the core that it is built into, whatever is asked for, removed or weighed. What must hold
 * after each of millions of steps is asserted plainly: an `expect` each took longer than the policies.
 */
export function evictionPolicyContract(factory: PolicyFactory): void {
  const cases = fc.record({
    capacity: fc.integer({ min: 1, max: 60 }),
    unit: fc.constantFrom('objects' as const, 'bytes' as const),
    steps: fc.array(policyStep, { minLength: 1, maxLength: 400, size: 'max' }),
  })

  test('the capacity is never passed, and who is resident is who came and did not leave', () => {
    fc.assert(
      fc.property(cases, ({ capacity, unit, steps }) => {
        const core = new PolicyCore(factory, { capacity, unit, objects, reuseSlots: true })
        for (const step of steps) {
          core.apply(step)
          assert(core.occupied <= capacity, 'the capacity is never passed')
          assert(
            core.insertions - core.departures === core.residents.size,
            'who came and did not leave is resident',
          )
        }
        expect(core.hits + core.misses).toBe(steps.filter(({ remove }) => !remove).length)
        const left = core.residents.size
        expect(core.drain()).toBe(left)
        expect(core.occupied).toBe(0)
      }),
    )
  })

  test('which slot an object has makes no difference', () => {
    fc.assert(
      fc.property(cases, ({ capacity, unit, steps }) => {
        const own = new PolicyCore(factory, { capacity, unit, objects, reuseSlots: false })
        const reused = new PolicyCore(factory, { capacity, unit, objects, reuseSlots: true })
        expect(steps.map((step) => reused.apply(step))).toEqual(steps.map((step) => own.apply(step)))
      }),
    )
  })

  test('no more ghosts are remembered than there is room for', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 0, max: 5 }), ({ capacity, unit, steps }, ghostsMax) => {
        const core = new PolicyCore(factory, { capacity, unit, objects, reuseSlots: true, ghostsMax })
        for (const step of steps) {
          core.apply(step)
          assert(core.ghosts() <= ghostsMax, 'ghosts keep to their bound')
        }
        core.drain()
      }),
    )
  })

  test('a cache of one object holds one object or none', () => {
    fc.assert(
      fc.property(fc.array(policyStep, { maxLength: 200, size: 'max' }), (steps) => {
        const core = new PolicyCore(factory, { capacity: 1, unit: 'objects', objects, reuseSlots: true })
        for (const step of steps) {
          core.apply(step)
          assert(core.residents.size <= 1, 'one object or none')
        }
      }),
    )
  })

  test('where everything fits, nobody leaves', () => {
    const core = new PolicyCore(factory, { capacity: 1000, unit: 'objects', objects, reuseSlots: true })
    for (let object = 0; object < objects; object++) core.apply({ object, weight: 1, remove: false })
    for (let object = 0; object < objects; object++) {
      expect(core.apply({ object, weight: 1, remove: false })).toBe(true)
    }
  })
}

const objects = 40

/** Few objects, some more often, so that small caches see hits, ghosts and departures; now and then one is removed. */
export const policyStep: fc.Arbitrary<PolicyStep> = fc.record({
  object: fc.oneof(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: objects - 1 })),
  weight: fc.integer({ min: 1, max: 9 }),
  remove: fc.integer({ min: 0, max: 15 }).map((chance) => chance === 0),
})
