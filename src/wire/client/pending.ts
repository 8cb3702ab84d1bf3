import type { Message } from '../codec/message.ts'
import { operations } from '../codec/protocol.ts'
import type { Request } from '../codec/request.ts'
import { WireClientError } from './wire-client-error.ts'

/** A request whose answer is waited for. */
export type Pending = {
  readonly request: Request
  readonly signal: AbortSignal | undefined
  readonly startedMs: number
  /** What has come of an answer in several messages. */
  readonly messages: Message[]
  readonly resolve: (messages: readonly [Message, ...Message[]]) => void
  readonly reject: (error: WireClientError) => void
  retries: number
}

/** Whether asking twice does no more than asking once: what changes records is never sent again. */
export function isRepeatable(request: Request): boolean {
  return request.opCode === operations.resolve || request.opCode === operations.getSiteInfo
}

/** Rejects what has waited too long or whose caller has gone; `pending` lists the oldest first. */
export function overdue<Held extends Pending>(
  pending: Iterable<Held>,
  at: { readonly nowMs: number; readonly timeoutMs: number },
): { held: Held; error: WireClientError }[] {
  const found: { held: Held; error: WireClientError }[] = []
  for (const held of pending) {
    if (held.signal?.aborted === true) found.push({ held, error: aborted() })
    else if (at.nowMs - held.startedMs >= at.timeoutMs) {
      found.push({
        held,
        error: new WireClientError('TIMEOUT', `no answer within ${Math.round(at.timeoutMs)} ms`),
      })
    }
  }
  return found
}

/** What is said of a request that nobody waits for any more. */
export function aborted(): WireClientError {
  return new WireClientError('ABORTED', 'stopped before the answer came')
}
