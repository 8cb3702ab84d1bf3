/** A line is longer than the bound: nothing after it can be trusted to begin where it seems to. */
export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError'
}

/** Cuts a byte stream into groups of whole lines, whatever the chunks; a group is decoded once, not line by line. */
export async function* lineGroups(
  chunks: AsyncIterable<Uint8Array>,
  options: { lineBytesMax: number; groupBytesMax: number },
): AsyncGenerator<readonly string[]> {
  let pending: Buffer[] = []
  let pendingBytes = 0
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const lastBreak = bytes.lastIndexOf(lineFeed)
    if (lastBreak >= 0 && pendingBytes + bytes.length >= options.groupBytesMax) {
      yield linesOf([...pending, bytes.subarray(0, lastBreak)])
      pending = [bytes.subarray(lastBreak + 1)]
      pendingBytes = bytes.length - lastBreak - 1
    } else {
      pending.push(bytes)
      pendingBytes += bytes.length
    }
    if (pendingBytes > options.groupBytesMax + options.lineBytesMax) {
      throw new LineTooLongError(`a line is longer than ${options.lineBytesMax} bytes`)
    }
  }
  if (pendingBytes > 0) yield linesOf(pending)
}

const lineFeed = 0x0a

function linesOf(parts: readonly Buffer[]): readonly string[] {
  return Buffer.concat(parts).toString('utf8').split('\n')
}
