/** A line's bytes without its end; valid only until the next one. */
export type LineReader = (bytes: Buffer, offsetBytes: number) => void

/** Calls `each` for every line that is not empty, with the position of its first byte in the text. */
export async function readLines(chunks: AsyncIterable<Buffer>, each: LineReader): Promise<void> {
  let rest: Buffer = Buffer.alloc(0)
  let offsetBytes = 0
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let start = 0
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
      tell(bytes.subarray(start, end), offsetBytes + start, each)
      start = end + 1
    }
    offsetBytes += start
    rest = bytes.subarray(start)
  }
  tell(rest, offsetBytes, each)
}

const newline = 0x0a
const carriageReturn = 0x0d

function tell(line: Buffer, offsetBytes: number, each: LineReader): void {
  const bytes = line.at(-1) === carriageReturn ? line.subarray(0, -1) : line
  if (bytes.length > 0) each(bytes, offsetBytes)
}
