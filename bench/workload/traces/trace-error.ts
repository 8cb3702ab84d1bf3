/** What is wrong with a trace: it ends in the middle, it says something impossible, or it cannot be read at all. */
export type TraceErrorCode = 'TRACE_TRUNCATED' | 'TRACE_CORRUPT' | 'TRACE_UNREADABLE'

/** Where reading a trace stopped. */
export type TracePosition = {
  /** In the uncompressed trace. */
  readonly offsetBytes: number
  /** The request that could not be read, counted from 0. */
  readonly record: number
}

/** A trace that cannot be used as it is. */
export class TraceError extends Error {
  override readonly name = 'TraceError'
  readonly code: TraceErrorCode
  readonly position: TracePosition

  constructor(code: TraceErrorCode, problem: string, position: TracePosition, options?: ErrorOptions) {
    super(`${problem} (record ${position.record}, byte ${position.offsetBytes} uncompressed)`, options)
    this.code = code
    this.position = position
  }
}
