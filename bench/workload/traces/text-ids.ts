/** Both halves of a 64-bit id; one object, filled again for every request. */
export type Halves = { low: number; high: number }

/** Reads decimal digits as 64 bits; false where the bytes are anything else. */
export function readDigits(bytes: Buffer, into: Halves): boolean {
  if (bytes.length === 0 || bytes.length > 20) return false
  let low = 0
  let high = 0
  for (let index = 0; index < bytes.length; index++) {
    const digit = (bytes[index] as number) - 48
    if (digit < 0 || digit > 9) return false
    const next = low * 10 + digit
    low = next % 2 ** 32
    high = high * 10 + Math.floor(next / 2 ** 32)
  }
  if (high >= 2 ** 32) return false
  into.low = low
  into.high = high
  return true
}

/**
 * Two unrelated 32-bit hashes of any key (FNV-1a and a multiplicative one, each finished as MurmurHash3 does): among 100 million
 * keys two share both with a chance of 3 in 10,000.
 */
export function hashKey(bytes: Buffer, into: Halves): void {
  let low = 0x811c9dc5
  let high = 0x9747b28c
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] as number
    low = Math.imul(low ^ byte, 0x01000193)
    high = Math.imul(high, 0x5bd1e995) ^ byte ^ (high >>> 15)
  }
  into.low = finish(low)
  into.high = finish(high)
}

function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
