/** Why a target could not be used at all; single operations report theirs as outcomes instead. */
export type TargetErrorCode =
  | 'UNREACHABLE'
  | 'TIMEOUT'
  | 'CONNECTION'
  | 'ABORTED'
  | 'BUSY'
  | 'REFUSED'
  | 'PROTOCOL'

/** A fault of the target or of the way to it: the code is stable, the text is free. */
export class TargetError extends Error {
  override readonly name = 'TargetError'
  readonly code: TargetErrorCode
  /** How long the target asks to be left alone. */
  readonly retryAfterSeconds: number | undefined
  /** How often it was tried before it was given up; undefined where nobody has tried again yet. */
  readonly attempts: number | undefined

  constructor(
    code: TargetErrorCode,
    message: string,
    options: { cause?: unknown; retryAfterSeconds?: number | undefined; attempts?: number } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.retryAfterSeconds = options.retryAfterSeconds
    this.attempts = options.attempts
  }

  /** The same, as the last of so many attempts. */
  after(attempts: number): TargetError {
    const { code, message, retryAfterSeconds } = this
    return new TargetError(code, message, { cause: this, retryAfterSeconds, attempts })
  }
}
