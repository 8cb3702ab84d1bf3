/** What went wrong first, where closing what had been opened until then went wrong as well. */
export function withoutClosing(error: unknown): unknown {
  return error instanceof SuppressedError ? withoutClosing(error.suppressed) : error
}
