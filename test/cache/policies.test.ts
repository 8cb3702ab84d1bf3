import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { policies } from '../../src/cache/policies/index.ts'
import { evictionPolicyContract, policyStep } from '../contract/eviction-policy.ts'
import { policyModels } from '../contract/eviction-policy-models.ts'
import { PolicyCore } from '../support/policy-core.ts'

for (const [name, factory] of Object.entries(policies)) {
  describe(name, () => {
    evictionPolicyContract(factory)

    const createModel = policyModels[name]
    if (createModel === undefined) return
    test('every hit, miss and removal is that of its plain model, in objects and in bytes', () => {
      const capacities = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 13, max: 150 }))
      const unit = fc.constantFrom('objects' as const, 'bytes' as const)
      const steps = fc.array(policyStep, { minLength: 1, maxLength: 600, size: 'max' })
      fc.assert(
        fc.property(capacities, unit, steps, (capacity, unitOfCapacity, all) => {
          const core = new PolicyCore(factory, {
            capacity,
            unit: unitOfCapacity,
            objects: 40,
            reuseSlots: true,
          })
          const model = createModel(capacity)
          const told = unitOfCapacity === 'objects' ? all.map((step) => ({ ...step, weight: 1 })) : all
          const expected = told.map((step) => model.apply(step))
          expect(all.map((step) => core.apply(step))).toEqual(expected)
        }),
      )
    })
  })
}

test('most policies have a plain model', () => {
  expect(Object.keys(policyModels).filter((name) => !Object.hasOwn(policies, name))).toEqual([])
})
