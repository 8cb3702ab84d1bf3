import type { ClassicLevel } from 'classic-level'
import { handleBytesLimit } from '../identifier/handle.ts'

/**
 * Makes every key be looked up whole; called once a database is open. `getSync` writes keys into a buffer that it keeps,
 * and takes the key for written when the buffer is not filled to its last byte, which a character of several bytes that
 * does not fit leaves empty: a long Chinese key was cut off and not found (classic-level 3.0.0). The first key decides
 * how large the buffer is, so the first is longer than any other can be.
 */
export function lookUpWholeKeys(database: ClassicLevel<string, Uint8Array>): void {
  database.getSync('x'.repeat(handleBytesLimit + charactersBytesMax))
}

/** The most bytes of one character in UTF-8. */
const charactersBytesMax = 4
