import { assert } from '../support/assert.ts'
import type { Clock } from '../support/clock.ts'
import { createPrng } from '../support/prng.ts'
import type { Cache, CacheOptions } from './cache.ts'
import type { Epochs } from './epochs.ts'
import { HeapCache } from './heap-cache.ts'
import { createChosenPolicy, parsePolicyChoice } from './policy-choice.ts'
import { SlabCache, type ValueCodec } from './slab-cache.ts'

/** Where cached records lie: as objects on the garbage-collected heap (only `lru`), or as bytes beside it. */
export const cacheMemories = ['heap', 'slab'] as const
export type CacheMemory = (typeof cacheMemories)[number]

/** Builds the cache for a policy and a place. */
export function openCache<Value extends object>(
  options: CacheOptions & { readonly policy: string; readonly memory: CacheMemory },
  parts: { clock: Clock; codec: ValueCodec<Value>; epochs?: Epochs },
): Cache<Value> {
  if (options.memory === 'heap') return new HeapCache<Value>(options, parts)
  const choice = parsePolicyChoice(options.policy)
  assert(choice !== undefined, 'the configuration names a policy that exists')
  return new SlabCache<Value>(options, {
    ...parts,
    createPolicy: (context) => createChosenPolicy(choice, context),
    random: createPrng(policySeed).nextDouble,
  })
}

// The seed with which the simulator runs by default, so that both make the same choices by chance.
const policySeed = 42
