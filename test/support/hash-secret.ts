import { newHashSecret } from '../../src/cache/text-hash.ts'
import { createPrng } from '../../src/support/prng.ts'

/** The secret of a hash that is the same in every run. */
export function hashSecret(seed: number): SharedArrayBuffer {
  const secret = newHashSecret()
  const { nextUint32 } = createPrng(seed)
  new Int32Array(secret).forEach((_, place, words) => {
    words[place] = nextUint32()
  })
  return secret
}
