import { setTimeout as sleep } from 'node:timers/promises'
import type { Prng } from '../../src/support/prng.ts'
import { TargetError, type TargetErrorCode } from './target-error.ts'

/** What may pass is tried again so often. */
const retriesMax = 8

const retryDelayFirstSeconds = 0.1
const retryDelaySecondsMax = 5
const passing: ReadonlySet<TargetErrorCode> = new Set(['BUSY', 'CONNECTION', 'UNREACHABLE', 'TIMEOUT'])

/**
 * Tries again what failed but may pass, until it succeeds, the bound is reached or the signal is aborted, which also ends a wait.
 * What was tried so often elsewhere already is not tried again. @throws TargetError that tells the attempts
 */
export async function retried<Result>(
  attempt: () => Promise<Result>,
  { signal, prng }: { readonly signal: AbortSignal; readonly prng: Prng },
): Promise<Result> {
  for (let retries = 0; ; retries++) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof TargetError) || !passing.has(error.code) || error.attempts !== undefined)
        throw error
      if (retries === retriesMax) throw error.after(retries + 1)
      const delayMs = retryDelaySeconds(error, { retries, prng }) * 1000
      await sleep(delayMs, undefined, { signal }).catch(() => {
        throw error.after(retries + 1)
      })
    }
  }
}

/**
 * Seconds to wait: what the target asks for, within reason, and up to a quarter more; else twice as long each time, of which a random
 * half to whole is waited. By chance, so that all that were turned away together do not come back together.
 */
export function retryDelaySeconds(
  { retryAfterSeconds }: TargetError,
  { retries, prng }: { readonly retries: number; readonly prng: Prng },
): number {
  const share = prng.nextDouble()
  if (retryAfterSeconds !== undefined)
    return Math.min(retryAfterSeconds, retryDelaySecondsMax) * (1 + share / 4)
  return Math.min(retryDelayFirstSeconds * 2 ** retries, retryDelaySecondsMax) * (0.5 + share / 2)
}
