import { foldAscii, namingAuthorityPrefix } from './identifier/handle.ts'
import type { Store } from './store/store.ts'

/**
 * The prefixes that this node answers for: those with a record `0.NA/prefix` in its store. Kept in memory, because
 * every request asks; a province has thousands of them, not millions.
 */
export class HomedPrefixes {
  readonly #prefixes: Set<string>

  private constructor(prefixes: Set<string>) {
    this.#prefixes = prefixes
  }

  static async load(store: Store): Promise<HomedPrefixes> {
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
    return new HomedPrefixes(prefixes)
  }

  /** Whether handles under `prefix` (folded) are this node's to answer for. */
  has(prefix: string): boolean {
    return this.#prefixes.has(prefix)
  }

  get size(): number {
    return this.#prefixes.size
  }

  /** Takes note that the record under `key` now exists or no longer does. */
  note(key: string, change: { exists: boolean }): void {
    if (!key.startsWith(recordKeyPrefix)) return
    const prefix = key.slice(recordKeyPrefix.length)
    if (change.exists) this.#prefixes.add(prefix)
    else this.#prefixes.delete(prefix)
  }
}

const recordKeyPrefix = `${foldAscii(namingAuthorityPrefix)}/`
