import type { HttpRequest } from './http-exchange.ts'
import { TargetError } from './target-error.ts'

/** The error of a request, with what was asked of whom. */
export function namingRequest(
  error: TargetError,
  { origin, request }: { readonly origin: string; readonly request: HttpRequest },
): TargetError {
  const { code, message, retryAfterSeconds } = error
  return new TargetError(code, `${request.method} ${origin}${request.path}: ${message}`, {
    cause: error,
    retryAfterSeconds,
  })
}

/** Why a request is ended by its signal: that of somebody who stops, or one that was set to the longest time. */
export function endedBy(signal: AbortSignal, elapsedNs: number): TargetError {
  if (!(signal.reason instanceof DOMException) || signal.reason.name !== 'TimeoutError')
    return new TargetError('ABORTED', 'stopped before it was answered')
  return new TargetError('TIMEOUT', `no answer within ${Number((elapsedNs / 1e9).toFixed(1))} s`)
}
