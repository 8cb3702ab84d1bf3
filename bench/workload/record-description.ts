import { createPrng } from '../../src/support/prng.ts'
import { bytesOf, descriptionBytesMax, type RecordSizes } from './record-sizes.ts'

/** Where a record keeps its description; no mutation touches it. */
export const descriptionIndex = 6

/**
 * Makes the description of a record from the hash of its content: a JSON fragment with a comma before it, or nothing where
 * its size is 0. The text is a piece of one that does not repeat, so that no compression makes the sizes meaningless.
 */
export function createDescriptions(sizes: RecordSizes | undefined): (content: number) => string {
  if (sizes === undefined) return () => ''
  const text = randomText(descriptionBytesMax + startsMax)
  return (content) => {
    const first = remix(content, 1)
    const bytes = bytesOf(sizes, first / 2 ** 32, remix(content, 2) / 2 ** 32)
    if (bytes === 0) return ''
    const start = (first ^ content) & (startsMax - 1)
    return `${opening}${text.slice(start, start + bytes)}"}}`
  }
}

const opening = `,{"index":${descriptionIndex},"type":"DESC","data":{"format":"string","value":"`

/** A power of two: at so many places a description may start. */
const startsMax = 65_536

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const textSeed = 6

function randomText(length: number): string {
  const prng = createPrng(textSeed)
  return Array.from({ length }, () => alphabet[prng.nextBelow(alphabet.length)]).join('')
}

/** An integer from 0 to 2^32 − 1 of its own for each stream, by the finaliser of MurmurHash3. */
function remix(content: number, stream: number): number {
  let mixed = (content ^ Math.imul(stream, 0x9e3779b1)) | 0
  mixed ^= mixed >>> 16
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
