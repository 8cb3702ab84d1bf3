import type { HandleError } from '../errors.ts'
import type { MaybePromise } from '../support/maybe-promise.ts'
import type { PublishedMetric } from '../support/published-metric.ts'

/**
 * When a write is acknowledged: `sync` after it is fsynced, `os` after the operating system has it (survives the
 * process, not the machine), `none` before either (survives neither).
 */
export const durabilities = ['sync', 'os', 'none'] as const
export type SettableDurability = (typeof durabilities)[number]

/** `replicated`: acknowledged after a quorum of replicas has it, each of which syncs its log as its operator set it. */
export type Durability = SettableDurability | 'replicated'

/** What an engine can do; its contract suite skips what it declares it cannot. */
export type StoreCapabilities = {
  /** Records outlive the process. */
  readonly persistent: boolean
  /** `get` and `getMany` answer at once, without a promise. */
  readonly synchronousReads: boolean
  readonly durabilities: readonly Durability[]
  /** All mutations of one commit are applied or none; otherwise each stands alone and may carry its own `failure`. */
  readonly atomicCommits: boolean
  /** Whether `sizeOnDiskBytes` counts what is acknowledged, only what was moved to final files, or nothing. */
  readonly measuresSize: 'at-once' | 'when-flushed' | 'never'
  /** Other nodes write to the same records. */
  readonly distributed: boolean
}

/** What must be true of a key's present record for a mutation to be applied. */
export type Precondition =
  | { readonly kind: 'none' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'present' }
  | { readonly kind: 'equals'; readonly value: Uint8Array }

/** One key's change: an undefined value deletes. */
export type Mutation = {
  readonly key: string
  readonly value: Uint8Array | undefined
  readonly precondition: Precondition
}

/**
 * What became of one mutation; `previous` is the record it met, whether or not it was applied. `failure` says that this one
 * failed, where commits are not atomic and there were others beside it: a commit of one mutation rejects instead.
 */
export type MutationResult = {
  readonly applied: boolean
  readonly previous: Uint8Array | undefined
  readonly failure?: HandleError
}

/** Part of an ordered scan: `cursor` continues it and is absent at the end. */
export type ScanPage = {
  readonly entries: readonly { readonly key: string; readonly value: Uint8Array }[]
  readonly cursor?: string
}

export type ScanRequest = {
  /** Only keys that begin with it. */
  readonly keyPrefix: string
  /** Starts behind this key: the cursor of the page before. */
  readonly after?: string
  readonly entriesMax: number
}

/**
 * Where records live: canonical handle to encoded record, ordered by the UTF-8 bytes of the key. Keys are well-formed
 * text without control characters that hold a slash. Every method rejects or throws HandleError STORE_UNAVAILABLE or
 * STORE_FULL for the world's mistakes, STORE_OUTCOME_UNKNOWN for a write that may have been made; where commits are atomic,
 * a store that failed a write has applied none of that call's mutations or all.
 * After `close` reads fail with STORE_UNAVAILABLE and commits with it or SHUTTING_DOWN.
 */
export interface Store {
  readonly engine: string
  readonly durability: Durability
  readonly capabilities: StoreCapabilities
  /** The record under `key`, undefined when there is none. The bytes must not be changed. */
  get(key: string): MaybePromise<Uint8Array | undefined>
  /** The same by promise, without holding up this thread; absent where `get` never does. */
  getBeside?(key: string): Promise<Uint8Array | undefined>
  /** Whether a thread that has other work may wait for `get` now; absent: always. */
  mayBlock?(): boolean
  /** As many results as keys, in their order. */
  getMany(keys: readonly string[]): MaybePromise<readonly (Uint8Array | undefined)[]>
  /**
   * Applies mutations in order, each if its precondition holds at that moment; what is applied becomes visible and
   * durable together. Acknowledges according to `durability`. Concurrent calls are linearizable.
   */
  commit(mutations: readonly Mutation[]): Promise<readonly MutationResult[]>
  /** Records in key order, each at one moment during the call; with durability `none` it may miss the newest group. */
  scan(request: ScanRequest): Promise<ScanPage>
  /** Records under a naming prefix (the key up to its first slash): exact, or from the cheapest figure the engine has. */
  count(prefix: string, accuracy: 'exact' | 'approximate'): MaybePromise<number>
  /** All records, from the cheapest figure the engine has. */
  countAll(): MaybePromise<number>
  /** Bytes on disk, all copies that the engine sees; 0 for an engine without one, undefined while it cannot tell. */
  sizeOnDiskBytes(): MaybePromise<number | undefined>
  /** What the engine has to tell beside that; absent where it is nothing. */
  metrics?(): readonly PublishedMetric[]
  /** Why writes would fail now, undefined while they would not. */
  unwritableBecause(): string | undefined
  /** Waits for what is under way, then releases everything. */
  close(): Promise<void>
}
