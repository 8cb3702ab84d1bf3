import type { Clock } from '../../src/support/clock.ts'
import type { Operation, OperationResult } from '../workload/operation.ts'
import type { RecordGenerator } from '../workload/record-generator.ts'

/** The reference client keeps nothing for longer, what was not found included. */
export const clientTtlSecondsMax = 3600
const defaultTtlSeconds = 86_400

/**
 * What a caching client would not ask again: answers within the lowest TTL of their values, absent handles within the
 * most that the reference client keeps anything. Answers were verified when they came and are not kept themselves.
 */
export class ClientCache {
  readonly #generator: RecordGenerator
  readonly #clock: Clock
  readonly #entriesMax: number
  /** In the order of their last use, when each expires. */
  readonly #expiresMs = new Map<string, number>()

  constructor(options: {
    readonly generator: RecordGenerator
    readonly clock: Clock
    readonly entriesMax: number
  }) {
    this.#generator = options.generator
    this.#clock = options.clock
    this.#entriesMax = options.entriesMax
  }

  holds(operation: Operation): boolean {
    if (this.#entriesMax === 0 || !isCacheable(operation)) return false
    const key = keyOf(operation)
    const expiresMs = this.#expiresMs.get(key)
    if (expiresMs === undefined) return false
    this.#expiresMs.delete(key)
    if (expiresMs <= this.#clock.nowMs()) return false
    this.#expiresMs.set(key, expiresMs)
    return true
  }

  note(operation: Operation, { outcome }: OperationResult): void {
    if (this.#entriesMax === 0) return
    if (!isCacheable(operation)) {
      // Who writes knows that what it read before is no longer so.
      for (const kind of resolving) this.#expiresMs.delete(keyOf({ ...operation, kind }))
      return
    }
    if (outcome !== 'ok') return
    this.#expiresMs.set(keyOf(operation), this.#clock.nowMs() + this.#ttlSeconds(operation) * 1000)
    if (this.#expiresMs.size <= this.#entriesMax) return
    const [oldest] = this.#expiresMs.keys()
    if (oldest !== undefined) this.#expiresMs.delete(oldest)
  }

  #ttlSeconds({ kind, ordinal, revision }: Operation): number {
    if (kind === 'absent') return clientTtlSecondsMax
    const { valuesJson } = this.#generator.recordOf(ordinal, revision)
    const ttls = [...valuesJson.matchAll(/"ttl":(\d+)/g)].map(([, ttl]) => Number(ttl))
    return Math.min(clientTtlSecondsMax, defaultTtlSeconds, ...ttls)
  }
}

const resolving = ['resolve', 'resolve-type', 'resolve-index'] as const

function isCacheable({ kind }: Operation): boolean {
  return kind === 'absent' || resolving.some((known) => known === kind)
}

function keyOf({ kind, ordinal }: Operation): string {
  return `${kind} ${ordinal}`
}
