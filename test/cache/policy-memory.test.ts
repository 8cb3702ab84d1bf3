import { expect, test } from 'vitest'
import { type PolicyName, policies } from '../../src/cache/policies/index.ts'
import type { EvictionPolicy, PolicyFactory } from '../../src/cache/policy.ts'
import { createPrng } from '../../src/support/prng.ts'

const objects = 1_000_000
/** One byte says whether an object is resident. */
const ofTheSimulator = 1
/** Alive until the end: what the collector took back meanwhile would count for the next. */
const kept: EvictionPolicy[] = []

test('no policy takes more than 64 bytes an object beyond the key index', () => {
  const taken = (Object.keys(policies) as PolicyName[]).map((name) => ({ name, bytes: bytesAnObject(name) }))
  process.stdout.write(
    `${taken.map(({ name, bytes }) => `${name.padEnd(12)} ${bytes.toFixed(1)} bytes an object`).join('\n')}\n`,
  )
  for (const { name, bytes } of taken) {
    expect(bytes, name).toBeGreaterThan(ofTheSimulator)
    expect(bytes, name).toBeLessThanOrEqual(64)
  }
})

function bytesAnObject(name: PolicyName): number {
  const factory: PolicyFactory = policies[name]
  const prng = createPrng(1)
  const before = process.memoryUsage().arrayBuffers
  const policy = factory.create(
    {
      capacity: objects / 10,
      slotsMax: objects,
      hashOf: (slot) => slot,
      random: prng.nextDouble,
      onEvicted: () => undefined,
      onForgotten: () => undefined,
    },
    factory.parameters,
  )
  const taken = process.memoryUsage().arrayBuffers - before
  kept.push(policy)
  return taken / objects + ofTheSimulator
}
