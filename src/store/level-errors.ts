import { HandleError, StartupError } from '../errors.ts'

/** What a failed read or write means to a request: a full disk is told apart, because waiting does not cure it. */
export function unavailable(doing: string, cause: unknown): HandleError {
  const text = cause instanceof Error ? cause.message : String(cause)
  const code = /no space left|ENOSPC|file too large|disk quota/i.test(text)
    ? 'STORE_FULL'
    : 'STORE_UNAVAILABLE'
  return new HandleError(code, `the store failed while ${doing}: ${text}`, { cause })
}

/** What a database that does not open means to the operator. */
export function startupError(error: unknown, directory: string): StartupError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = (cause as { code?: unknown } | undefined)?.code
  const text = cause instanceof Error ? cause.message : String(cause)
  if (code === 'LEVEL_LOCKED') {
    return new StartupError(
      'STORE_LOCKED',
      `data directory "${directory}" is in use by another process: stop it, or give another --data`,
      { cause },
    )
  }
  if (
    code === 'LEVEL_CORRUPTION' ||
    /corrupt|missing files|no such file|does not exist|invalid/i.test(text)
  ) {
    return new StartupError(
      'STORE_CORRUPT',
      `data directory "${directory}" is damaged (${text}): restore it from a backup`,
      { cause },
    )
  }
  return new StartupError('STORE_UNREADABLE', `data directory "${directory}" cannot be opened: ${text}`, {
    cause,
  })
}
