import { createPrng, deriveSeed, type Prng } from '../../src/support/prng.ts'
import { retried } from '../target/retried.ts'
import type { BatchResult } from '../target/target.ts'
import { TargetError } from '../target/target-error.ts'
import type { LoadOptions } from './load-identifiers.ts'
import { LoadLedger } from './load-ledger.ts'

/** Where a target registers one by one, so few in a row that an interruption, which waits for them, ends soon. */
const singlesMax = 50
const retryStream = 0x7e
const stateEveryNs = 1e9

/**
 * Registers everything from an ordinal on, several batches at a time. An abort ends it after the batches under way, a
 * batch that cannot be registered ends it with that error; how far it came is in the state either way.
 */
export async function registerBatches(options: LoadOptions, from: number): Promise<LoadLedger> {
  const { target, batch, concurrency, seed, clock, signal, state, progress } = options
  const ledger = new LoadLedger({ from, startNs: clock.nowNs() })
  const failure = new AbortController()
  const prng = createPrng(deriveSeed(seed, retryStream))
  const after = options.first + options.identifiers
  let next = from
  let stateNs = clock.nowNs()
  const work = async (): Promise<void> => {
    while (next < after && !signal.aborted && !failure.signal.aborted) {
      const first = next
      const most = target.capabilities.bulkRegistration ? batch : Math.min(batch, singlesMax)
      const end = Math.min(first + most, after)
      next = end
      const sentNs = clock.nowNs()
      const result = await registerWithRetries(options, { first, end }, prng)
      if (result === undefined) return
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

/**
 * Tries again what may pass: registering the same record twice is answered `exists-identical`, so no retry can harm. Undefined where an
 * interruption ended the trying. @throws TargetError
 */
async function registerWithRetries(
  { target, signal }: LoadOptions,
  { first, end }: Range,
  prng: Prng,
): Promise<BatchResult | undefined> {
  try {
    return await retried(() => target.registerRange(first, end, signal), { signal, prng })
  } catch (error) {
    if (!(error instanceof TargetError) || error.attempts === undefined) throw error
    if (signal.aborted) return undefined
    const { code, message, attempts } = error
    throw new TargetError(
      code,
      `identifiers ${first} to ${end} could not be registered in ${attempts} attempts: ${message}`,
      { cause: error },
    )
  }
}
