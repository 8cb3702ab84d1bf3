import { setTimeout as sleep } from 'node:timers/promises'
import type { LoadOptions } from './load.ts'
import { LoadLedger } from './load-ledger.ts'
import type { BatchResult } from './target/target.ts'
import { TargetError, type TargetErrorCode } from './target/target-error.ts'

/** A batch is tried again so often before the load gives up. */
export const retriesMax = 8

const retryDelayFirstSeconds = 0.1
const retryDelaySecondsMax = 5
const stateEveryNs = 1e9
const repeatable: ReadonlySet<TargetErrorCode> = new Set(['BUSY', 'CONNECTION', 'UNREACHABLE', 'TIMEOUT'])

/**
 * Registers everything from an ordinal on, several batches at a time. An abort ends it after the batches under way, a
 * batch that cannot be registered ends it with that error; how far it came is in the state either way.
 */
export async function registerBatches(options: LoadOptions, from: number): Promise<LoadLedger> {
  const { batch, concurrency, clock, signal, state, progress } = options
  const ledger = new LoadLedger({ from, startNs: clock.nowNs() })
  const failure = new AbortController()
  const after = options.first + options.identifiers
  let next = from
  let stateNs = clock.nowNs()
  const work = async (): Promise<void> => {
    while (next < after && !signal.aborted && !failure.signal.aborted) {
      const first = next
      const end = Math.min(first + batch, after)
      next = end
      const sentNs = clock.nowNs()
      const result = await registerWithRetries(options, { first, end })
      const doneNs = clock.nowNs()
      ledger.add({ first, end, result, sentNs, doneNs })
      progress.update(ledger.completed - options.first)
      if (doneNs - stateNs > stateEveryNs) {
        stateNs = doneNs
        state?.writeCompleted(ledger.completed)
      }
    }
  }
  const workers = Array.from({ length: concurrency }, () => work().catch((error) => failure.abort(error)))
  await Promise.all(workers)
  state?.writeCompleted(ledger.completed)
  failure.signal.throwIfAborted()
  return ledger
}

type Range = { readonly first: number; readonly end: number }

/** Tries again what may pass: registering the same record twice is answered `exists-identical`, so no retry can harm. */
async function registerWithRetries(
  { target, signal }: LoadOptions,
  { first, end }: Range,
): Promise<BatchResult> {
  // An interruption lets the batches under way finish: cut off, nobody would know what became of them.
  const unhurried = new AbortController().signal
  for (let attempt = 0; ; attempt++) {
    try {
      return await target.registerRange(first, end, unhurried)
    } catch (error) {
      if (!(error instanceof TargetError) || !repeatable.has(error.code)) throw error
      if (signal.aborted || attempt === retriesMax) {
        const message = `identifiers ${first} to ${end} could not be registered in ${attempt + 1} attempts: ${error.message}`
        throw new TargetError(error.code, message, { cause: error })
      }
      const delaySeconds = retryDelaySeconds(error, attempt)
      await sleep(delaySeconds * 1000, undefined, { signal }).catch(() => undefined)
    }
  }
}

/** As long as the target asks for, within reason; else longer each time. */
function retryDelaySeconds({ retryAfterSeconds }: TargetError, attempt: number): number {
  return Math.min(retryAfterSeconds ?? retryDelayFirstSeconds * 2 ** attempt, retryDelaySecondsMax)
}
