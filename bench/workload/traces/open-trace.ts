import { createReadStream } from 'node:fs'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { type Decompressor, decompressFrames } from '../../../src/support/decompress-frames.ts'
import { TraceError } from './trace-error.ts'

/** The bytes of a trace, decompressed, and how many of them were handed out. */
export type TraceBytes = AsyncIterable<Buffer> & { readonly offsetBytes: number }

/**
 * Opens a trace for reading from its beginning; `.zst` and `.gz` are decompressed on the way, however many frames they have.
 * `whenRead` is told how many bytes of the file have been read.
 */
export function openTrace(file: string | URL, whenRead?: (fileBytes: number) => void): TraceBytes {
  const bytes = { offsetBytes: 0, [Symbol.asyncIterator]: () => counted() }
  return bytes

  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of decompressed(file, whenRead)) {
      bytes.offsetBytes += chunk.length
      yield chunk
    }
  }
}

/** The compression that a file's name tells, as its ending; none where it tells none. */
export function compressionOf(file: string | URL): '.zst' | '.gz' | '.xz' | undefined {
  const path = file instanceof URL ? file.pathname : file
  return (['.zst', '.gz', '.xz'] as const).find((ending) => path.endsWith(ending))
}

async function* decompressed(
  file: string | URL,
  whenRead: ((fileBytes: number) => void) | undefined,
): AsyncGenerator<Buffer> {
  const compression = compressionOf(file)
  if (compression === '.xz') {
    const problem =
      'the trace is compressed as xz, which cannot be read here; decompress it first (xz -dk FILE)'
    throw new TraceError('TRACE_UNREADABLE', problem, { offsetBytes: 0, record: 0 })
  }
  const source = createReadStream(file, { highWaterMark: chunkBytes })
  const chunks = told(source, whenRead)
  try {
    if (compression === undefined) yield* chunks
    else yield* decompressFrames(chunks, compression === '.zst' ? createZstd : createGunzip)
  } finally {
    source.destroy()
  }
}

async function* told(
  source: AsyncIterable<Buffer>,
  whenRead: ((fileBytes: number) => void) | undefined,
): AsyncGenerator<Buffer> {
  let fileBytes = 0
  for await (const chunk of source) {
    fileBytes += chunk.length
    whenRead?.(fileBytes)
    yield chunk
  }
}

const chunkBytes = 2 ** 20

function createZstd(): Decompressor {
  return createZstdDecompress({ chunkSize: chunkBytes })
}
