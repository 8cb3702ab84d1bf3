import { cacheHitSuite } from './cache-hit.ts'
import { decodeRecordSuite } from './decode-record.ts'
import { encodeRecordSuite } from './encode-record.ts'
import { generateKeySuite } from './generate-key.ts'
import { parseHandleSuite } from './parse-handle.ts'
import type { MicroSuite } from './suite.ts'

/** Every micro suite, by the hot function that it measures. */
export const suites = {
  'parse-handle': parseHandleSuite,
  'encode-record': encodeRecordSuite,
  'decode-record': decodeRecordSuite,
  'cache-hit': cacheHitSuite,
  'generate-key': generateKeySuite,
} as const satisfies Record<string, MicroSuite>
export type SuiteName = keyof typeof suites
