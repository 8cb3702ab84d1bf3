import { TraceError } from './trace-error.ts'

export type FixedRecords = {
  readonly recordBytes: number
  /** Bytes before the first request, checked by `checkHeader`. */
  readonly headerBytes?: number
  checkHeader?(header: Buffer): void
  /** Reads the whole requests in `view`; the first of them is number `record`. */
  decode(view: DataView, record: number): void
}

/**
 * Cuts a stream of equal records into views of whole ones.
 * @throws TraceError where it ends within a record or before the header ends.
 */
export async function readFixedRecords(chunks: AsyncIterable<Buffer>, format: FixedRecords): Promise<void> {
  const { recordBytes, headerBytes = 0 } = format
  let rest: Buffer = Buffer.alloc(0)
  let record = 0
  let awaitsHeader = headerBytes > 0
  for await (const chunk of chunks) {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    if (awaitsHeader && bytes.length >= headerBytes) {
      format.checkHeader?.(bytes.subarray(0, headerBytes))
      bytes = bytes.subarray(headerBytes)
      awaitsHeader = false
    }
    const wholeBytes = awaitsHeader ? 0 : bytes.length - (bytes.length % recordBytes)
    if (wholeBytes > 0) format.decode(new DataView(bytes.buffer, bytes.byteOffset, wholeBytes), record)
    record += wholeBytes / recordBytes
    rest = bytes.subarray(wholeBytes)
  }
  if (rest.length === 0 && !awaitsHeader) return
  const [part, ofBytes] = awaitsHeader ? ['its header', headerBytes] : ['a request', recordBytes]
  const offsetBytes = (awaitsHeader ? 0 : headerBytes) + record * recordBytes + rest.length
  const problem = `the trace ends within ${part}: ${rest.length} of ${ofBytes} bytes`
  throw new TraceError('TRACE_TRUNCATED', problem, { offsetBytes, record })
}
