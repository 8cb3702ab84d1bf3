import type { RecordGeneratorOptions } from '../workload/record-generator.ts'

/** Stems that are generated in one go: those of the ranks `first` … `end` − 1, without the first `skip` records. */
export type Piece = { readonly first: number; readonly end: number; readonly skip: number }

/** What one generator thread is told when it starts. */
export type GeneratorPlan = {
  readonly records: RecordGeneratorOptions
  readonly timestampSeconds: number
  readonly identifiers: number
  /** Records under the stem of each rank. */
  readonly counts: Uint32Array
  readonly pieces: readonly Piece[]
}

/** What a generator thread answers each time that it is asked. */
export type GeneratedBatch = {
  readonly buffer: ArrayBuffer
  readonly records: number
  readonly lastOfPiece: boolean
}

/** So many records are written at a time; each takes two ends of four bytes at the start of the buffer. */
export const batchRecordsMax = 8192
export const endsBytes = batchRecordsMax * 8
export const batchBufferBytes = endsBytes + batchRecordsMax * 288

/**
 * Divides what is left behind `position`, in key order, into pieces of about `recordsMax` records: their ordinals are
 * held in memory, and every piece costs one pass over all ordinals.
 */
export function planPieces(
  counts: Uint32Array,
  { position, recordsMax }: { readonly position: number; readonly recordsMax: number },
): readonly Piece[] {
  const pieces: Piece[] = []
  let before = 0
  let first = 0
  let skip = 0
  let records = 0
  counts.forEach((count, rank) => {
    before += count
    if (before <= position) {
      first = rank + 1
      return
    }
    if (records === 0) skip = Math.max(0, position - (before - count))
    else if (records + count > recordsMax) {
      pieces.push({ first, end: rank, skip })
      first = rank
      records = 0
      skip = 0
    }
    records += count
  })
  if (records > skip) pieces.push({ first, end: counts.length, skip })
  return pieces
}
