import fc from 'fast-check'
import { LRUCache } from 'lru-cache'
import { expect, test } from 'vitest'
import { policies } from '../../src/cache/policies/index.ts'
import { policyStep } from '../contract/eviction-policy.ts'
import { PolicyCore } from '../support/policy-core.ts'

test('the slot-based lru has the hits, misses and removals of lru-cache, in objects and in bytes', () => {
  const steps = fc.array(policyStep, { maxLength: 600, size: 'max' })
  const unit = fc.constantFrom('objects' as const, 'bytes' as const)
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), unit, steps, (capacity, unitOfCapacity, all) => {
      const ours = new PolicyCore(policies.lru, {
        capacity,
        unit: unitOfCapacity,
        objects: 40,
        reuseSlots: true,
      })
      const theirs = new LRUCache<number, true>(
        unitOfCapacity === 'objects' ? { max: capacity } : { maxSize: capacity },
      )
      for (const step of all) {
        const { object, weight, remove } = step
        const hit = remove ? theirs.delete(object) : theirs.get(object) === true
        expect(ours.apply(step)).toBe(hit)
        if (!hit && !remove) theirs.set(object, true, unitOfCapacity === 'objects' ? {} : { size: weight })
      }
    }),
  )
})
