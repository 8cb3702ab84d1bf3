import type { Readable } from 'node:stream'

const newline = 0x0a

/**
 * Cuts a stream of text lines into blocks of whole lines of about a size, leaving out the first ones. The last line may
 * lack its line feed.
 */
export async function* lineBlocks(
  stream: Readable,
  options: { readonly blockBytes: number; readonly skipLines: number },
): AsyncGenerator<Uint8Array> {
  let toSkip = options.skipLines
  let parts: Buffer[] = []
  let bytes = 0
  for await (const given of stream) {
    let chunk = given as Buffer
    while (toSkip > 0 && chunk.length > 0) {
      const end = chunk.indexOf(newline)
      chunk = end < 0 ? Buffer.alloc(0) : chunk.subarray(end + 1)
      if (end >= 0) toSkip--
    }
    if (chunk.length === 0) continue
    parts.push(chunk)
    bytes += chunk.length
    const cut = bytes < options.blockBytes ? -1 : chunk.lastIndexOf(newline)
    if (cut < 0) continue
    parts[parts.length - 1] = chunk.subarray(0, cut + 1)
    yield Buffer.concat(parts)
    const rest = chunk.subarray(cut + 1)
    parts = rest.length === 0 ? [] : [rest]
    bytes = rest.length
  }
  if (bytes > 0) yield Buffer.concat(parts)
}
