import { createReadStream } from 'node:fs'
import type { Transform } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
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

function createZstd(): Transform & { readonly bytesWritten: number } {
  return createZstdDecompress({ chunkSize: chunkBytes })
}

/**
 * Node's Zstandard stream ends with the first frame and leaves the rest of its chunk alone; parallel compressors write many
 * frames. What a decompressor did not consume goes to the next one.
 */
async function* decompressFrames(
  source: AsyncIterable<Buffer>,
  create: () => Transform & { readonly bytesWritten: number },
): AsyncGenerator<Buffer> {
  const input = new Unreadable(source[Symbol.asyncIterator]())
  for (let first = await input.take(); first !== undefined; first = await input.take()) {
    const decompressor = create()
    const feeding = feed(decompressor, first, input)
    yield* decompressor
    const fed = await feeding
    const restBytes = fed.bytes - decompressor.bytesWritten
    if (restBytes > 0) input.giveBack(fed.last.subarray(fed.last.length - restBytes))
  }
}

/** Writes chunk after chunk until the input or the frame ends; says how much was written. */
async function feed(
  decompressor: Transform,
  first: Buffer,
  input: Unreadable,
): Promise<{ readonly bytes: number; readonly last: Buffer }> {
  const closed = Promise.withResolvers<void>()
  for (const event of ['end', 'close', 'error']) decompressor.once(event, () => closed.resolve())
  let bytes = 0
  let last = first
  for (let chunk: Buffer | undefined = first; chunk !== undefined; chunk = await input.take()) {
    last = chunk
    bytes += chunk.length
    const written = new Promise<void>((resolve) => decompressor.write(last, () => resolve()))
    // A decompressor whose frame has ended never says that it took the rest.
    await Promise.race([written, closed.promise])
    if (decompressor.readableEnded || decompressor.destroyed) return { bytes, last }
  }
  decompressor.end()
  return { bytes, last }
}

/** Chunks of which one can be given back. */
class Unreadable {
  readonly #chunks: AsyncIterator<Buffer>
  #returned: Buffer | undefined

  constructor(chunks: AsyncIterator<Buffer>) {
    this.#chunks = chunks
  }

  async take(): Promise<Buffer | undefined> {
    const returned = this.#returned
    if (returned !== undefined) {
      this.#returned = undefined
      return returned
    }
    const next = await this.#chunks.next()
    return next.done === true ? undefined : next.value
  }

  giveBack(rest: Buffer): void {
    this.#returned = rest
  }
}
