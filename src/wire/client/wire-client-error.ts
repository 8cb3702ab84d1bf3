/** Why there is no answer; what a server answers, refusals too, is no error here. */
export type WireClientErrorCode =
  /** Nobody listens there, or the connection ended before the answer came. */
  | 'UNREACHABLE'
  | 'TIMEOUT'
  /** What came is no message of the protocol, or does not belong to the request. */
  | 'PROTOCOL'
  /** The caller or the client itself was told to stop. */
  | 'ABORTED'

/** A request over the native protocol that was not answered. */
export class WireClientError extends Error {
  override readonly name = 'WireClientError'
  readonly code: WireClientErrorCode

  constructor(code: WireClientErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
