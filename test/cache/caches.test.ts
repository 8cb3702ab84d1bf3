import { describe } from 'vitest'
import { openCache } from '../../src/cache/open-cache.ts'
import { policies } from '../../src/cache/policies/index.ts'
import { cacheContract, type Text, textCodec } from '../contract/cache-contract.ts'

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
