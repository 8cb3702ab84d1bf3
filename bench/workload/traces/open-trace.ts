import { createReadStream } from 'node:fs'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { type Decompressor, decompressFrames } from '../../../src/support/decompress-frames.ts'
import { TraceError } from './trace-error.ts'

/** The bytes of a trace, decompressed, and how many of them were handed out. */
export type TraceBytes = AsyncIterable<Buffer> & { readonly offsetBytes: number }

/** Opens a trace for reading from its beginning; `.zst` and `.gz` are decompressed on the way, however many frames they have. */
export function openTrace(file: string | URL): TraceBytes {
  const bytes = { offsetBytes: 0, [Symbol.asyncIterator]: () => counted() }
  return bytes

  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of decompressed(file)) {
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

async function* decompressed(file: string | URL): AsyncGenerator<Buffer> {
  const compression = compressionOf(file)
  if (compression === '.xz') {
    const problem =
      'the trace is compressed as xz, which cannot be read here; decompress it first (xz -dk FILE)'
    throw new TraceError('TRACE_UNREADABLE', problem, { offsetBytes: 0, record: 0 })
  }
  const source = createReadStream(file, { highWaterMark: chunkBytes })
  try {
    if (compression === undefined) yield* source
    else yield* decompressFrames(source, compression === '.zst' ? createZstd : createGunzip)
  } finally {
    source.destroy()
  }
}

const chunkBytes = 2 ** 20

function createZstd(): Decompressor {
  return createZstdDecompress({ chunkSize: chunkBytes })
}
