import { describe, expect, test } from 'vitest'
import { openCache } from '../../src/cache/open-cache.ts'
import { policies } from '../../src/cache/policies/index.ts'
import { cacheContract, type Text, textCodec } from '../contract/cache-contract.ts'
import { FakeClock } from '../support/fake-clock.ts'

describe('lru on the heap', () => {
  cacheContract((options, parts) =>
    openCache<Text>({ ...options, policy: 'lru', memory: 'heap' }, { ...parts, codec: textCodec }),
  )
})

for (const policy of Object.keys(policies)) {
  describe(`${policy} in slabs`, () => {
    cacheContract((options, parts) =>
      openCache<Text>({ ...options, policy, memory: 'slab' }, { ...parts, codec: textCodec }),
    )
  })
}

test('only what was accepted counts as a use for the policy', () => {
  const clock = new FakeClock()
  const cache = openCache<Text>(
    {
      bytesMax: 400,
      negativeBytesMax: 0,
      negativeTtlSeconds: 0,
      entriesMax: 2,
      policy: 'clock',
      memory: 'slab',
    },
    { clock, codec: textCodec },
  )
  for (const key of ['88.1/A', '88.1/B', '88.1/C']) {
    cache.storeRecord(key, { text: '' }, { epoch: cache.epochOf(key), bytes: 0, ttlSeconds: 60 })
    cache.hit('88.1/A', () => false)
  }
  // Not accepted, A has no second chance and left for C.
  expect([cache.lookup('88.1/A').kind, cache.lookup('88.1/B').kind]).toEqual(['miss', 'hit'])
})
