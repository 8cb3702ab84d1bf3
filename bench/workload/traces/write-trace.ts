import { createWriteStream } from 'node:fs'
import { Readable, type Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip, createZstdCompress } from 'node:zlib'
import type { DenseTrace } from './dense-trace.ts'
import type { TraceFormatName } from './formats.ts'
import { compressionOf } from './open-trace.ts'
import { writeBinaryIds, writeLcs, writeOracle } from './write-binary.ts'
import { writeArc, writeCsv, writeErji, writeText, writeTwitter } from './write-text.ts'

/** Turns a trace into the bytes of a format, piece by piece. @throws TraceError for what the format cannot hold. */
export type TraceWriter = (trace: DenseTrace) => Iterable<Buffer>

/** Every format that can be written: all that can be read. */
export const traceWriters = {
  erji: writeErji,
  lcs: writeLcs,
  oracleGeneral: writeOracle,
  twitter: writeTwitter,
  csv: writeCsv,
  txt: writeText,
  arc: writeArc,
  cache2k: writeBinaryIds({ littleEndian: false }),
  u32: writeBinaryIds({ littleEndian: true }),
} as const satisfies Record<TraceFormatName, TraceWriter>

/** Writes a trace, compressed as the name says: `.zst`, `.gz` or not at all. Ids are the numbers of the objects where it keeps none. */
export async function writeTrace(
  trace: DenseTrace,
  to: { readonly file: string; readonly format: TraceFormatName; readonly signal?: AbortSignal },
): Promise<void> {
  const { file, format, signal } = to
  const stages: Transform[] = []
  const compression = compressionOf(file)
  if (compression === '.zst') stages.push(createZstdCompress())
  if (compression === '.gz') stages.push(createGzip())
  await pipeline(
    [Readable.from(traceWriters[format](trace)), ...stages, createWriteStream(file)],
    signal === undefined ? {} : { signal },
  )
}
