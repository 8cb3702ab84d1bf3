/** A seeded source of chance: the same seed gives the same stream on every machine. */
export interface Prng {
  /** Uniform integer in [0, 2^32). */
  nextUint32(): number
  /** Uniform double in [0, 1) with 53 random bits. */
  nextDouble(): number
  /** Uniform integer in [0, bound) for 0 < bound <= 2^53, without modulo bias beyond 2^-53. */
  nextBelow(bound: number): number
}

/**
 * sfc32 (Chris Doty-Humphrey, PractRand): 128 bits of state in four int32, which V8 keeps unboxed.
 * Seeded through splitmix32 so that near seeds give unrelated streams.
 */
export function createPrng(seed: number): Prng {
  const mix = splitMix32(seed)
  let a = mix()
  let b = mix()
  let c = mix()
  let counter = 1
  const nextUint32 = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return sum >>> 0
  }
  for (let warmUp = 0; warmUp < 12; warmUp++) nextUint32()
  const nextDouble = (): number =>
    ((nextUint32() >>> 5) * 67_108_864 + (nextUint32() >>> 6)) / 9_007_199_254_740_992
  return { nextUint32, nextDouble, nextBelow: (bound) => Math.floor(nextDouble() * bound) }
}

/** Derives the seed of an independent stream, so that one seed drives many generators without correlation. */
export function deriveSeed(seed: number, stream: number): number {
  return splitMix32((seed ^ Math.imul(stream + 1, 0x9e3779b1)) | 0)() >>> 0
}

function splitMix32(seed: number): () => number {
  let state = (Math.floor(seed / 4_294_967_296) * 0x85ebca6b + seed) | 0
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    return (mixed ^ (mixed >>> 15)) | 0
  }
}
