import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decodeMutations,
  decodeResults,
  encodeMutations,
  encodeResults,
} from '../../src/store/shared-encoding.ts'
import type { Mutation, MutationResult } from '../../src/store/store.ts'

const bytes = fc.uint8Array({ maxLength: 300 })
const precondition = fc.oneof(
  fc.constantFrom('none', 'absent', 'present').map((kind) => ({ kind })),
  bytes.map((value) => ({ kind: 'equals' as const, value })),
)
const mutation: fc.Arbitrary<Mutation> = fc.record({
  key: fc.string({ unit: 'grapheme', maxLength: 60 }),
  value: fc.option(bytes, { nil: undefined }),
  precondition,
})
const result: fc.Arbitrary<MutationResult> = fc.record({
  applied: fc.boolean(),
  previous: fc.option(bytes, { nil: undefined }),
})

test('mutations of many requests arrive as they were, in their order', () => {
  fc.assert(
    fc.property(fc.array(fc.array(mutation, { maxLength: 5 }), { maxLength: 8 }), (requests) => {
      expect(plain(decodeMutations(encodeMutations(requests)))).toEqual(plain(requests.flat()))
    }),
  )
})

test('results arrive as they were, in their order', () => {
  fc.assert(
    fc.property(fc.array(result, { maxLength: 30 }), (results) => {
      expect(plain(decodeResults(encodeResults(results)))).toEqual(plain(results))
    }),
  )
})

test('what is given away is memory of its own, so that nothing else goes with it', () => {
  const small: Mutation = { key: '1/A', value: Buffer.from('a'), precondition: { kind: 'absent' } }
  expect(encodeMutations([[small]]).buffer).not.toBe(Buffer.allocUnsafe(1).buffer)
  expect(encodeResults([{ applied: true, previous: undefined }]).buffer.byteLength).toBe(1)
})

/** Bytes as text, whichever kind of array holds them. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_name, part: unknown) =>
      isBytes(part) ? Buffer.from(part).toString('hex') : part,
    ),
  )
}

function isBytes(part: unknown): part is Uint8Array | readonly number[] {
  if (part instanceof Uint8Array) return true
  return typeof part === 'object' && part !== null && (part as { type?: unknown }).type === 'Buffer'
}
