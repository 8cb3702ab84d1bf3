import type { Clock } from '../../src/support/clock.ts'
import type { Prng } from '../../src/support/prng.ts'
import type { Operation, OperationResult } from '../workload/operation.ts'
import type { RecordGenerator } from '../workload/record-generator.ts'
import { ClientCache } from './client-cache.ts'
import type { Target, TransportCounts } from './target.ts'

/** What real clients do besides asking; everything is off unless given. */
export type ClientBehaviour = {
  /** How often a request is sent again that was not answered, or with 503; a write only in the latter case. */
  readonly retriesMax?: number | undefined
  /** Entries of a cache that honours TTLs, as a recursive node has, for each driving process. */
  readonly cacheEntries?: number | undefined
}

type Parts = { readonly generator: RecordGenerator; readonly clock: Clock; readonly prng: Prng }

/** The target as a client sees it that retries and caches; the target itself where it does neither. */
export function behaveAsClient(target: Target, behaviour: ClientBehaviour, parts: Parts): Target {
  const { retriesMax = 0, cacheEntries = 0 } = behaviour
  if (retriesMax === 0 && cacheEntries === 0) return target
  const cache = new ClientCache({ ...parts, entriesMax: cacheEntries })
  const counts = { requests: 0, retries: 0, unanswered: 0, clientCacheHits: 0 }

  const ask = async (operation: Operation, signal: AbortSignal): Promise<OperationResult> => {
    for (let attempt = 0; ; attempt++) {
      counts.requests++
      const result = await target.perform(operation, signal)
      const again = attempt < retriesMax && !signal.aborted && mayBeRepeated(operation, result)
      if (!again) {
        if (result.outcome === 'timeout' || result.outcome === 'error') counts.unanswered++
        return result
      }
      await pause(backOffMs(attempt, parts.prng), signal)
      counts.retries++
    }
  }
  return {
    ...unboundOf(target),
    async perform(operation, signal) {
      if (cache.holds(operation)) {
        counts.clientCacheHits++
        return { outcome: 'ok' }
      }
      const result = await ask(operation, signal)
      cache.note(operation, result)
      return result
    },
    transport: (): TransportCounts => ({ ...counts }),
  }
}

const firstPauseMs = 50
const pauseMsMax = 2000

/** Doubling, of which a random half to whole is waited, so that clients do not come back together. */
function backOffMs(attempt: number, prng: Prng): number {
  return Math.min(pauseMsMax, firstPauseMs * 2 ** attempt) * (0.5 + prng.nextDouble() / 2)
}

/** A write that was not answered may have taken effect: only one that was turned away is sent again. */
function mayBeRepeated({ kind }: Operation, { outcome }: OperationResult): boolean {
  if (outcome === 'busy') return true
  const reads = kind === 'absent' || kind === 'list' || kind.startsWith('resolve')
  return reads && (outcome === 'timeout' || outcome === 'error')
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, milliseconds)
    signal.addEventListener('abort', finish)
  })
}

/** Methods of a class are not copied by spreading. */
function unboundOf(target: Target): Target {
  return {
    get capabilities() {
      return target.capabilities
    },
    perform: (operation, signal) => target.perform(operation, signal),
    registerRange: (from, to, signal) => target.registerRange(from, to, signal),
    statistics: (signal) => target.statistics(signal),
    describe: (signal) => target.describe(signal),
    close: () => target.close(),
  }
}
