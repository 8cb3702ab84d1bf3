import { expect, test } from 'vitest'
import { createRecordEncoder } from '../../../bench/workload/encoded-records.ts'
import { createKeyOrder } from '../../../bench/workload/key-order.ts'
import {
  createRecordGenerator,
  type RecordGeneratorOptions,
} from '../../../bench/workload/record-generator.ts'
import { foldAscii } from '../../../src/identifier/handle.ts'
import { encodeRecord } from '../../../src/identifier/record-encoding.ts'
import { valuesFromJson } from '../../../src/identifier/value-input.ts'

const timestampSeconds = 1_750_000_000

/** Keys with records in the order in which the pieces of a load make them. */
function* ordered(records: RecordGeneratorOptions, identifiers: number, pieces = 3) {
  const order = createKeyOrder(records.seed)
  const encoder = createRecordEncoder({ ...records, timestampSeconds })
  const counts = order.countByRank(identifiers)
  const target = new Uint8Array(8192)
  const ends = { keyEnd: 0, recordEnd: 0 }
  for (let piece = 0; piece < pieces; piece++) {
    const first = Math.floor((order.stems.length * piece) / pieces)
    const end = Math.floor((order.stems.length * (piece + 1)) / pieces)
    const ordinals = order.collect({ identifiers, first, end, counts })
    let next = 0
    for (let rank = first; rank < end; rank++) {
      encoder.startStem(order.stems[rank] ?? '')
      for (let left = counts[rank] ?? 0; left > 0; left--) {
        const ordinal = ordinals[next++] ?? 0
        encoder.writeKeyAndRecord(target, 7, ordinal, ends)
        const key = Buffer.from(target.slice(7, ends.keyEnd))
        yield { ordinal, key, record: Buffer.from(target.slice(ends.keyEnd, ends.recordEnd)) }
      }
    }
  }
}

const loads: readonly RecordGeneratorOptions[] = [
  { seed: 42, prefix: '88.118' },
  { seed: 7, prefix: '88.甲b.8', adminHandle: '88.118/ADMIN' },
]

test.each(loads)('a load in key order ascends strictly and holds every ordinal once: %o', (records) => {
  const identifiers = 50_000
  const seen = new Uint8Array(identifiers)
  let previous = Buffer.alloc(0)
  for (const { ordinal, key } of ordered(records, identifiers)) {
    expect(Buffer.compare(previous, key)).toBeLessThan(0)
    seen[ordinal] = (seen[ordinal] ?? 0) + 1
    previous = key
  }
  expect(seen.every((times) => times === 1)).toBe(true)
})

test.each(loads)('a record is encoded as if it had been registered over HTTP: %o', (records) => {
  const generator = createRecordGenerator(records)
  for (const { ordinal, key, record } of ordered(records, 30_000)) {
    const { handle, valuesJson } = generator.recordOf(ordinal, 0)
    const values = valuesFromJson(JSON.parse(valuesJson), timestampSeconds)
    if (!record.equals(encodeRecord({ handle, values })) || !key.equals(Buffer.from(foldAscii(handle)))) {
      expect({ ordinal, key: key.toString(), record }).toBe(handle)
    }
  }
})

test('ordinals near the largest keep their order and their serials', () => {
  const encoder = createRecordEncoder({ seed: 1, prefix: '88.118', timestampSeconds })
  const generator = createRecordGenerator({ seed: 1, prefix: '88.118' })
  const target = new Uint8Array(8192)
  const ends = { keyEnd: 0, recordEnd: 0 }
  for (const ordinal of [2 ** 32 - 1, 2 ** 31, 2 ** 30 + 12_345, 2 ** 35 + 1]) {
    const handle = generator.handleOf(ordinal)
    encoder.startStem(handle.slice(handle.indexOf('/') + 1, -9))
    encoder.writeKeyAndRecord(target, 0, ordinal, ends)
    expect(Buffer.from(target.subarray(0, ends.keyEnd)).toString()).toBe(handle)
  }
})
