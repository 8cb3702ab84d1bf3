import { type Client, types } from 'cassandra-driver'
import { compareKeys } from '../key-order.ts'
import { namingPrefixOf } from '../preconditions.ts'
import type { ScanPage, ScanRequest } from '../store.ts'
import { listingBuckets } from './cassandra-schema.ts'

type Reader = (keys: readonly string[]) => Promise<readonly (Uint8Array | undefined)[]>

/** Microseconds for which a listed handle without a record is left alone: it may be about to be registered. */
const settlingMicroseconds = 3_600_000_000n

/**
 * Which handles there are, in order. A handle is listed before its record is written and stays listed when that goes, so
 * the list holds all that exist and some that do not: a scan reads the records and passes over what is gone, and takes
 * entries off the list that have been without a record for an hour.
 */
export class Listing {
  readonly #client: Client
  readonly #keyspace: string
  readonly #read: Reader
  readonly #knownPrefixes = new Set<string>()

  constructor(client: Client, keyspace: string, read: Reader) {
    this.#client = client
    this.#keyspace = keyspace
    this.#read = read
  }

  /** Before the record is written: what is registered is listed, whatever ends the process in between. */
  async add(key: string): Promise<void> {
    const prefix = namingPrefixOf(key)
    await this.#execute(
      `INSERT INTO ${this.#keyspace}.handles (prefix, bucket, handle, noted) VALUES (?, ?, ?, 1)`,
      [prefix, bucketOf(key), key],
    )
    if (this.#knownPrefixes.has(prefix)) return
    await this.#execute(`INSERT INTO ${this.#keyspace}.prefixes (shard, prefix) VALUES (0, ?)`, [prefix])
    if (this.#knownPrefixes.size >= knownPrefixesMax) this.#knownPrefixes.clear()
    this.#knownPrefixes.add(prefix)
  }

  async scan({ keyPrefix, after, entriesMax }: ScanRequest): Promise<ScanPage> {
    const entries: { key: string; value: Uint8Array }[] = []
    for (const prefix of await this.#prefixesOf(keyPrefix)) {
      const wanted = entriesMax + 1 - entries.length
      if (wanted <= 0) break
      for await (const entry of this.#existing(prefix, { keyPrefix, after, wanted })) {
        entries.push(entry)
        if (entries.length > entriesMax) break
      }
    }
    if (entries.length <= entriesMax) return { entries }
    entries.pop()
    return { entries, cursor: entries.at(-1)?.key ?? after ?? '' }
  }

  /** Counts the records under a naming prefix by reading them all. */
  async count(prefix: string): Promise<number> {
    let records = 0
    for await (const _entry of this.#existing(prefix, {
      keyPrefix: `${prefix}/`,
      after: undefined,
      wanted: countedAtOnce,
    }))
      records++
    return records
  }

  async *#existing(
    prefix: string,
    range: { readonly keyPrefix: string; readonly after: string | undefined; readonly wanted: number },
  ): AsyncGenerator<{ key: string; value: Uint8Array }> {
    let after = range.after
    for (;;) {
      const listed = await this.#listed(prefix, { ...range, after })
      const records = await this.#read(listed.map(({ key }) => key))
      for (const [place, { key, notedAt }] of listed.entries()) {
        const value = records[place]
        if (value === undefined) this.#forget(prefix, { key, notedAt })
        else yield { key, value }
      }
      if (listed.length < range.wanted) return
      after = listed.at(-1)?.key
    }
  }

  /** The next keys in order: each bucket is ordered, and the lowest of all are taken. */
  async #listed(
    prefix: string,
    range: { readonly keyPrefix: string; readonly after: string | undefined; readonly wanted: number },
  ): Promise<{ key: string; notedAt: bigint }[]> {
    const { keyPrefix, after, wanted } = range
    const from = after !== undefined && compareKeys(after, keyPrefix) >= 0 ? after : keyPrefix
    const bound = from === after ? '>' : '>='
    const select = `SELECT handle, writetime(noted) AS noted_at FROM ${this.#keyspace}.handles WHERE prefix = ? AND bucket = ? AND handle ${bound} ? LIMIT ?`
    const buckets = await Promise.all(
      Array.from({ length: listingBuckets }, (_, bucket) =>
        this.#execute(select, [prefix, bucket, from, wanted]),
      ),
    )
    return buckets
      .flatMap(({ rows }) => rows)
      .map((row) => ({ key: row.get('handle') as string, notedAt: BigInt(String(row.get('noted_at') ?? 0)) }))
      .filter(({ key }) => key.startsWith(keyPrefix))
      .sort((left, right) => compareKeys(left.key, right.key))
      .slice(0, wanted)
  }

  /** Naming prefixes whose keys can begin so, in the order of their keys. */
  async #prefixesOf(keyPrefix: string): Promise<readonly string[]> {
    if (keyPrefix.includes('/')) return [namingPrefixOf(keyPrefix)]
    const { rows } = await this.#execute(`SELECT prefix FROM ${this.#keyspace}.prefixes WHERE shard = 0`, [])
    return rows
      .map((row) => row.get('prefix') as string)
      .filter((prefix) => `${prefix}/`.startsWith(keyPrefix))
      .sort((left, right) => compareKeys(`${left}/`, `${right}/`))
  }

  /** Takes off exactly the entry that was seen: one that was listed again meanwhile has a newer time and stays. */
  #forget(prefix: string, { key, notedAt }: { readonly key: string; readonly notedAt: bigint }): void {
    if (
      notedAt >
      BigInt(Math.floor(performance.timeOrigin + performance.now())) * 1000n - settlingMicroseconds
    )
      return
    const statement = `DELETE FROM ${this.#keyspace}.handles USING TIMESTAMP ? WHERE prefix = ? AND bucket = ? AND handle = ?`
    // The next scan finds it again where this one fails.
    this.#execute(statement, [types.Long.fromString(String(notedAt)), prefix, bucketOf(key), key]).catch(
      () => undefined,
    )
  }

  #execute(statement: string, parameters: readonly unknown[]): Promise<types.ResultSet> {
    return this.#client.execute(statement, [...parameters], { isIdempotent: true, fetchSize: fetchedAtOnce })
  }
}

const knownPrefixesMax = 100_000
const countedAtOnce = 1000
const fetchedAtOnce = 5000

/** FNV-1a over UTF-16 units: the same for every version of the schema. */
function bucketOf(key: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  return (hash >>> 0) % listingBuckets
}
