import { foldAscii, namingAuthorityPrefix } from './identifier/handle.ts'
import type { Store } from './store/store.ts'
import type { MaybePromise } from './support/maybe-promise.ts'

/** The prefixes that this node answers for: those with a record `0.NA/prefix` in its store. */
export interface HomedPrefixes {
  /** Whether handles under `prefix` (folded) are this node's to answer for. */
  has(prefix: string): boolean
  count(): MaybePromise<number>
  /** Takes note that the record under `key` now exists or no longer does. */
  note(key: string, change: { exists: boolean }): void
}

/** How the prefixes are kept up to date where other nodes write to the store too. */
export type Refreshing = {
  /** Milliseconds between the end of one reading and the next. */
  readonly everyMs: number
  /** Told once of readings that fail one after the other, until one works again. */
  whenUnread(error: unknown): void
}

/** Prefixes that are read again every so often; whoever loads them closes them. */
export type RefreshedPrefixes = HomedPrefixes & {
  /** Reads no more. */
  close(): void
}

/** Reads them all and keeps them: every request asks, and a province has thousands of them, not millions. */
export async function loadHomedPrefixes(
  store: Pick<Store, 'scan'>,
  refreshing?: Refreshing,
): Promise<RefreshedPrefixes> {
  let prefixes = await readPrefixes(store)
  let notes = 0
  const refresh = async (): Promise<void> => {
    const notesBefore = notes
    const read = await readPrefixes(store)
    // What this node wrote meanwhile the read may have missed: the next one has it.
    if (notes === notesBefore) prefixes = read
  }
  const repetition = refreshing === undefined ? undefined : repeat(refresh, refreshing)
  return {
    has: (prefix) => prefixes.has(prefix),
    count: () => prefixes.size,
    note: (key, change) => {
      if (!homesPrefix(key)) return
      const prefix = key.slice(recordKeyPrefix.length)
      notes++
      if (change.exists) prefixes.add(prefix)
      else prefixes.delete(prefix)
    },
    close: () => repetition?.close(),
  }
}

/** One behind the other: a cluster that answers slowly is not asked ever more. What cannot be read now is read later. */
function repeat(refresh: () => Promise<void>, { everyMs, whenUnread }: Refreshing): { close(): void } {
  let isClosed = false
  let hasFailed = false
  let timer = later()
  return {
    close: () => {
      isClosed = true
      clearTimeout(timer)
    },
  }

  function later(): NodeJS.Timeout {
    return setTimeout(() => void refreshOnce(), everyMs).unref()
  }

  async function refreshOnce(): Promise<void> {
    try {
      await refresh()
      hasFailed = false
    } catch (error) {
      if (!hasFailed && !isClosed) whenUnread(error)
      hasFailed = true
    }
    if (!isClosed) timer = later()
  }
}

async function readPrefixes(store: Pick<Store, 'scan'>): Promise<Set<string>> {
  const prefixes = new Set<string>()
  let after: string | undefined
  do {
    const page = await store.scan({
      keyPrefix: recordKeyPrefix,
      entriesMax: 1000,
      ...(after === undefined ? {} : { after }),
    })
    for (const { key } of page.entries) prefixes.add(key.slice(recordKeyPrefix.length))
    after = page.cursor
  } while (after !== undefined)
  return prefixes
}

/** Whether the record under this key decides on a prefix being homed here. */
export function homesPrefix(key: string): boolean {
  return key.startsWith(recordKeyPrefix)
}

/**
 * The same as one of several threads sees it. What was read from the store is remembered until `version` changes, which
 * the writer advances between committing a prefix's record and acknowledging it: no thread answers by an older state then.
 */
export class SharedHomedPrefixes implements HomedPrefixes {
  readonly #store: SynchronousReads
  readonly #version: () => number
  readonly #isHomed = new Map<string, boolean>()
  #seenVersion: number

  constructor(store: SynchronousReads, version: () => number) {
    this.#store = store
    this.#version = version
    this.#seenVersion = version()
  }

  has(prefix: string): boolean {
    const version = this.#version()
    if (version !== this.#seenVersion) {
      this.#isHomed.clear()
      this.#seenVersion = version
    }
    const known = this.#isHomed.get(prefix)
    if (known !== undefined) return known
    const isHomed = this.#store.get(recordKeyPrefix + prefix) !== undefined
    // Foreign prefixes are as many as clients can think of.
    if (this.#isHomed.size >= rememberedMax) this.#isHomed.clear()
    this.#isHomed.set(prefix, isHomed)
    return isHomed
  }

  count(): MaybePromise<number> {
    return this.#store.count(foldAscii(namingAuthorityPrefix), 'exact')
  }

  note(): void {
    // The writer's version says it already, to every thread.
  }
}

type SynchronousReads = Pick<Store, 'count'> & { get(key: string): Uint8Array | undefined }

/** What the keys of all records of prefixes begin with. */
export const recordKeyPrefix = `${foldAscii(namingAuthorityPrefix)}/`
const rememberedMax = 65_536
