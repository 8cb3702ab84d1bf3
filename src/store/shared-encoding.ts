import { assert } from '../support/assert.ts'
import type { Mutation, MutationResult, Precondition } from './store.ts'

/**
 * Mutations and their results as bytes, for the way between a worker and the writer: one buffer for all of a turn is
 * handed over by transfer, where a structured clone would copy thousands of small objects.
 */
export function encodeMutations(requests: readonly (readonly Mutation[])[]): Uint8Array<ArrayBuffer> {
  const target = ownBuffer(mutationBytesMax(requests))
  let count = 0
  let offset = 4
  for (const mutations of requests) {
    count += mutations.length
    for (const { key, value, precondition } of mutations) {
      target[offset++] = kinds.indexOf(precondition.kind) | (value === undefined ? 0 : hasValue)
      const keyBytes = target.write(key, offset + 4, 'utf8')
      target.writeUInt32LE(keyBytes, offset)
      offset += 4 + keyBytes
      if (value !== undefined) offset = writeBytes(target, offset, value)
      if (precondition.kind === 'equals') offset = writeBytes(target, offset, precondition.value)
    }
  }
  target.writeUInt32LE(count, 0)
  return target.subarray(0, offset)
}

/** The inverse of `encodeMutations`, all requests in one list; values are views into `bytes`. */
export function decodeMutations(bytes: Uint8Array): readonly Mutation[] {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const mutations: Mutation[] = new Array(source.readUInt32LE(0))
  let offset = 4
  for (let position = 0; position < mutations.length; position++) {
    const flags = source[offset++] ?? 0
    const keyEnd = offset + 4 + source.readUInt32LE(offset)
    const key = source.toString('utf8', offset + 4, keyEnd)
    offset = keyEnd
    const value = (flags & hasValue) === 0 ? undefined : bytesAt(source, offset)
    offset += value === undefined ? 0 : 4 + value.length
    const kind = kinds[flags & kindMask]
    assert(kind !== undefined, 'a precondition travels as its place in the list of kinds')
    let precondition: Precondition = simple[kind]
    if (kind === 'equals') {
      precondition = { kind, value: bytesAt(source, offset) }
      offset += 4 + precondition.value.length
    }
    mutations[position] = { key, value, precondition }
  }
  return mutations
}

/** Results in the order of their mutations. */
export function encodeResults(results: readonly MutationResult[]): Uint8Array<ArrayBuffer> {
  let length = results.length
  for (const { previous } of results) if (previous !== undefined) length += 4 + previous.length
  const target = ownBuffer(length)
  let offset = 0
  for (const { applied, previous } of results) {
    target[offset++] = (applied ? isApplied : 0) | (previous === undefined ? 0 : hasValue)
    if (previous !== undefined) offset = writeBytes(target, offset, previous)
  }
  return target
}

/** The inverse of `encodeResults`. */
export function decodeResults(bytes: Uint8Array): readonly MutationResult[] {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const results: MutationResult[] = []
  let offset = 0
  while (offset < source.length) {
    const flags = source[offset++] ?? 0
    if (flags === isApplied) {
      results.push(createdOrRemovedNothing)
      continue
    }
    const previous = (flags & hasValue) === 0 ? undefined : bytesAt(source, offset)
    offset += previous === undefined ? 0 : 4 + previous.length
    results.push({ applied: (flags & isApplied) !== 0, previous })
  }
  return results
}

const kinds = ['none', 'absent', 'present', 'equals'] as const satisfies readonly Precondition['kind'][]
const simple = {
  none: { kind: 'none' },
  absent: { kind: 'absent' },
  present: { kind: 'present' },
  equals: { kind: 'none' },
} as const
const kindMask = 0x03
const isApplied = 0x04
const hasValue = 0x10
const createdOrRemovedNothing: MutationResult = { applied: true, previous: undefined }

/** Not from the pool that small buffers share: this memory is given away whole. */
function ownBuffer(length: number): Buffer<ArrayBuffer> {
  return Buffer.allocUnsafeSlow(length)
}

function mutationBytesMax(requests: readonly (readonly Mutation[])[]): number {
  let length = 4
  for (const mutations of requests) {
    for (const { key, value, precondition } of mutations) {
      // A UTF-16 unit takes at most three bytes of UTF-8.
      length += 13 + key.length * 3 + (value?.length ?? 0)
      if (precondition.kind === 'equals') length += precondition.value.length
    }
  }
  return length
}

function writeBytes(target: Buffer, offset: number, bytes: Uint8Array): number {
  target.writeUInt32LE(bytes.length, offset)
  target.set(bytes, offset + 4)
  return offset + 4 + bytes.length
}

function bytesAt(source: Buffer, offset: number): Uint8Array {
  return source.subarray(offset + 4, offset + 4 + source.readUInt32LE(offset))
}
