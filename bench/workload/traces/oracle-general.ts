import { createReadStream } from 'node:fs'
import { pipeline, type Transform } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { DenseIds } from './dense-ids.ts'
import { TraceError } from './trace-error.ts'

/** One request of a recorded trace. */
export type TraceRequest = {
  readonly clockSeconds: number
  /** The object asked for, numbered from 0 in order of first appearance. */
  readonly object: number
  readonly sizeBytes: number
  /** The position of the next request for the same object, counted from 1; −1 for never, 0 where the trace does not tell. */
  readonly nextAccess: number
}

/**
 * Reads libCacheSim's oracleGeneral format in batches: 24 bytes a request, little-endian, without header. A file that
 * ends in `.zst` or `.gz` is decompressed on the way.
 * @throws TraceError where the trace ends within a request, contradicts itself or cannot be read.
 */
export async function* readOracleGeneral(file: string | URL): AsyncGenerator<readonly TraceRequest[]> {
  const ids = new DenseIds()
  let record = 0
  let rest = Buffer.alloc(0)
  try {
    for await (const chunk of openTrace(file)) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      const whole = bytes.length - (bytes.length % recordBytes)
      const requests: TraceRequest[] = []
      for (let offset = 0; offset < whole; offset += recordBytes)
        requests.push(decode(bytes, offset, ids, record++))
      rest = Buffer.from(bytes.subarray(whole))
      yield requests
    }
  } catch (error) {
    throw error instanceof TraceError ? error : unreadable(error, record, rest.length)
  }
  if (rest.length > 0) {
    const problem = `the trace ends within a request: ${rest.length} of ${recordBytes} bytes`
    throw new TraceError('TRACE_TRUNCATED', problem, positionOf(record, rest.length))
  }
}

const recordBytes = 24

function decode(bytes: Buffer, offset: number, ids: DenseIds, record: number): TraceRequest {
  const nextAccess = bytes.readInt32LE(offset + 20) * 2 ** 32 + bytes.readUInt32LE(offset + 16)
  // The request itself stands at record + 1, so what comes next is beyond; −1 and 0 say that nothing is known to come.
  if (nextAccess < -1 || (nextAccess > 0 && nextAccess <= record + 1)) {
    const problem = `the next access of a request is before it: ${nextAccess}`
    throw new TraceError('TRACE_CORRUPT', problem, positionOf(record, 0))
  }
  return {
    clockSeconds: bytes.readUInt32LE(offset),
    object: ids.numberOf(bytes.readUInt32LE(offset + 4), bytes.readUInt32LE(offset + 8)),
    sizeBytes: bytes.readUInt32LE(offset + 12),
    nextAccess,
  }
}

async function* openTrace(file: string | URL): AsyncGenerator<Buffer> {
  const source = createReadStream(file)
  const decompress = decompressorOf(file)
  // A failure of the source reaches the reader through the decompressor, which pipeline destroys with it.
  yield* decompress === undefined ? source : pipeline(source, decompress, () => undefined)
  // Node stops after one Zstandard frame without a word; a trace that was cut that way must not pass for the whole.
  if (decompress !== undefined && decompress.bytesWritten < source.bytesRead) {
    throw new Error('more than one compressed frame, of which only the first can be read; compress it as one')
  }
}

function decompressorOf(file: string | URL): (Transform & { readonly bytesWritten: number }) | undefined {
  const path = file instanceof URL ? file.pathname : file
  if (path.endsWith('.zst')) return createZstdDecompress()
  return path.endsWith('.gz') ? createGunzip() : undefined
}

function unreadable(error: unknown, record: number, restBytes: number): TraceError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const text = error instanceof Error ? error.message : String(error)
  const position = positionOf(record, restBytes)
  if (code === 'Z_BUF_ERROR') {
    return new TraceError('TRACE_TRUNCATED', 'the compressed trace ends too early', position, {
      cause: error,
    })
  }
  const corrupt = typeof code === 'string' && (code.startsWith('Z_') || code.startsWith('ZSTD_'))
  const problem = `the trace cannot be read: ${text}`
  return new TraceError(corrupt ? 'TRACE_CORRUPT' : 'TRACE_UNREADABLE', problem, position, { cause: error })
}

function positionOf(
  record: number,
  restBytes: number,
): { readonly offsetBytes: number; readonly record: number } {
  return { offsetBytes: record * recordBytes + restBytes, record }
}
