import type { ClassicLevel } from 'classic-level'

/**
 * Exact counts of records by naming prefix, written in the same batch as the records they count: a crash can lose
 * neither without the other.
 */
export class PrefixCounters {
  readonly #countByPrefix: Map<string, number>
  #total = 0

  private constructor(countByPrefix: Map<string, number>) {
    this.#countByPrefix = countByPrefix
    for (const count of countByPrefix.values()) this.#total += count
  }

  static async load(database: ClassicLevel<string, Uint8Array>): Promise<PrefixCounters> {
    const counts = new Map<string, number>()
    for await (const [key, value] of database.iterator({ gte: keyPrefix, lt: keyEnd })) {
      counts.set(key.slice(keyPrefix.length), Number(Buffer.from(value).toString('latin1')))
    }
    return new PrefixCounters(counts)
  }

  get total(): number {
    return this.#total
  }

  count(prefix: string): number {
    return this.#countByPrefix.get(prefix) ?? 0
  }

  /** Puts the counts as they will be into the batch that adds the records. */
  write(batch: { put(key: string, value: Uint8Array): unknown }, added: ReadonlyMap<string, number>): void {
    for (const [prefix, records] of added) {
      if (records !== 0)
        batch.put(keyPrefix + prefix, Buffer.from(String(this.count(prefix) + records), 'latin1'))
    }
  }

  /** Takes over what `write` put, once that batch is on its way to disk for good. */
  apply(added: ReadonlyMap<string, number>): void {
    for (const [prefix, records] of added) {
      this.#countByPrefix.set(prefix, this.count(prefix) + records)
      this.#total += records
    }
  }
}

// Handles hold no control characters, so keys that begin with one cannot meet a record's.
const keyPrefix = '\u0000count/'
const keyEnd = '\u0000count0'
