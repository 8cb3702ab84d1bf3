import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { type PolicyName, policies } from '../../src/cache/policies/index.ts'
import type { EvictionPolicy, PolicyFactory } from '../../src/cache/policy.ts'
import { createPrng } from '../../src/support/prng.ts'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

const slots = 4096
const hits = 400_000

// The least that an object takes is 16 bytes, so one in a hundred hits would show.
const bytesMost = (hits * 16) / 100

test.each(Object.keys(policies) as PolicyName[])('a hit of %s allocates nothing', (name) => {
  const policy = fullPolicy(name)
  const asked = Uint32Array.from({ length: hits }, () => 0)
  const prng = createPrng(1)
  for (let hit = 0; hit < hits; hit++) asked[hit] = prng.nextBelow(slots)
  // The first rounds compile; the least of some keeps out what else the process does meanwhile.
  hit(policy, asked)
  const grown = Array.from({ length: 5 }, () => {
    collectGarbage()
    const before = process.memoryUsage().heapUsed
    hit(policy, asked)
    return process.memoryUsage().heapUsed - before
  })
  expect(Math.min(...grown)).toBeLessThan(bytesMost)
})

function hit(policy: EvictionPolicy, asked: Uint32Array): void {
  for (let position = 0; position < asked.length; position++) policy.onHit?.(asked[position] as number)
}

function fullPolicy(name: PolicyName): EvictionPolicy {
  const factory: PolicyFactory = policies[name]
  const prng = createPrng(2)
  const policy = factory.create(
    {
      capacity: 2 * slots,
      slotsMax: slots,
      hashOf: (slot) => Math.imul(slot, 0x9e3779b1) >>> 0,
      random: prng.nextDouble,
      onEvicted: () => expect.unreachable('half of the capacity is used'),
      onForgotten: () => undefined,
    },
    factory.parameters,
  )
  for (let slot = 0; slot < slots; slot++) {
    policy.onMiss?.(slot)
    expect(policy.accepts?.(slot) ?? true).toBe(true)
    policy.onInsert(slot)
  }
  return policy
}
