import type { Transform } from 'node:stream'

/** A decompressing stream that tells how much of its input it has consumed. */
export type Decompressor = Transform & { readonly bytesWritten: number }

/**
 * Node's Zstandard stream ends with the first frame and leaves the rest of its chunk alone; parallel compressors write many
 * frames. What a decompressor did not consume goes to the next one.
 */
export async function* decompressFrames(
  source: AsyncIterable<Buffer>,
  create: () => Decompressor,
): AsyncGenerator<Buffer> {
  const input = new Unreadable(source[Symbol.asyncIterator]())
  for (let first = await input.take(); first !== undefined; first = await input.take()) {
    const decompressor = create()
    const feeding = feed(decompressor, first, input)
    // Whoever stops reading closes the source under it, and waits no more for what came of it.
    feeding.catch(() => undefined)
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
