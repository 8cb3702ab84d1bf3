import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../../src/support/assert.ts'
import { createRecordEncoder, type EncodedEnds, encodedBytesMax } from '../workload/encoded-records.ts'
import { createKeyOrder } from '../workload/key-order.ts'
import {
  batchBufferBytes,
  batchRecordsMax,
  endsBytes,
  type GeneratedBatch,
  type GeneratorPlan,
  type Piece,
} from './plan.ts'

/** A thread of a direct load: answers each message with the next records of its pieces. */

const plan: GeneratorPlan = workerData
const order = createKeyOrder(plan.records.seed)
const encoder = createRecordEncoder({ ...plan.records, timestampSeconds: plan.timestampSeconds })
assert(parentPort !== null, 'a generator is a thread of somebody')
const port = parentPort

const batches = generate()
port.on('message', () => {
  const { value } = batches.next()
  if (value !== undefined) port.postMessage(value, [value.buffer])
})

function* generate(): Generator<GeneratedBatch> {
  for (const piece of plan.pieces) {
    const records = recordsOf(piece)
    for (let more = true; more; ) {
      const batch = fillBatch(records)
      more = !batch.lastOfPiece
      yield batch
    }
  }
}

/** The place among the records of a piece. */
type Cursor = { readonly ordinals: Uint32Array; next: number; rank: number; leftOfRank: number }

function recordsOf({ first, end, skip }: Piece): Cursor {
  const { identifiers, counts } = plan
  const ordinals = order.collect({ identifiers, first, end, counts })
  const cursor = { ordinals, next: skip, rank: first, leftOfRank: (counts[first] ?? 0) - skip }
  encoder.startStem(order.stems[first] ?? '')
  return cursor
}

function fillBatch(cursor: Cursor): GeneratedBatch {
  const buffer = new ArrayBuffer(batchBufferBytes)
  const ends = new Uint32Array(buffer, 0, endsBytes / 4)
  const bytes = new Uint8Array(buffer, endsBytes)
  const { ordinals } = cursor
  const encoded: EncodedEnds = { keyEnd: 0, recordEnd: 0 }
  let records = 0
  let at = 0
  while (cursor.next < ordinals.length && records < batchRecordsMax && at + encodedBytesMax <= bytes.length) {
    while (cursor.leftOfRank === 0) {
      cursor.rank++
      cursor.leftOfRank = plan.counts[cursor.rank] ?? 0
      if (cursor.leftOfRank > 0) encoder.startStem(order.stems[cursor.rank] ?? '')
    }
    encoder.writeKeyAndRecord(bytes, at, ordinals[cursor.next] as number, encoded)
    at = encoded.recordEnd
    ends[2 * records] = encoded.keyEnd
    ends[2 * records + 1] = at
    records++
    cursor.next++
    cursor.leftOfRank--
  }
  return { buffer, records, lastOfPiece: cursor.next === ordinals.length }
}
