import fc from 'fast-check'
import { type HandleValue, recordLimits, type Ttl, type ValueReference } from '../../src/identifier/value.ts'

const uint32 = fc.nat({ max: 0xffff_ffff })

/** Any well-formed text, astral characters included. */
export const text = (options: { lengthMax: number }): fc.Arbitrary<string> =>
  fc.string({ unit: 'binary', maxLength: options.lengthMax })

export const references: fc.Arbitrary<ValueReference[]> = fc.array(
  fc.record({ handle: text({ lengthMax: 20 }), index: uint32 }),
  { maxLength: 4 },
)

export const ttl: fc.Arbitrary<Ttl> = fc.oneof(
  fc.record({ kind: fc.constant('relative' as const), seconds: uint32 }),
  fc.record({ kind: fc.constant('absolute' as const), atSeconds: uint32 }),
)

/** Any value that the protocol can carry. */
export const value: fc.Arbitrary<HandleValue> = fc.record({
  index: fc.integer({ min: 1, max: recordLimits.indexMax }),
  type: text({ lengthMax: 12 }),
  data: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  ttl,
  timestampSeconds: uint32,
  permissions: fc.nat({ max: 15 }),
  references,
})

export const record = fc.record({
  handle: text({ lengthMax: 40 }),
  values: fc.array(value, { maxLength: 5 }),
})
