import { crc32 } from 'node:zlib'
import { type Client, types } from 'cassandra-driver'
import type { Clock } from '../../support/clock.ts'
import { compareKeys } from '../key-order.ts'
import { namingPrefixOf } from '../preconditions.ts'
import type { ScanPage, ScanRequest } from '../store.ts'
import type { CassandraOptions } from './cassandra-options.ts'
import type { SchemaStatus } from './cassandra-schema.ts'

type Parts = {
  readonly client: Client
  readonly options: Pick<CassandraOptions, 'keyspace'>
  readonly schema: Pick<SchemaStatus, 'listingBuckets'>
  readonly clock: Clock
}

type Listed = { readonly key: string; readonly notedAt: bigint }

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
  readonly #buckets: number
  readonly #clock: Clock
  readonly #read: Reader
  readonly #knownPrefixes = new Set<string>()

  constructor({ client, options, schema, clock }: Parts, read: Reader) {
    this.#client = client
    this.#keyspace = options.keyspace
    this.#buckets = schema.listingBuckets
    this.#clock = clock
    this.#read = read
  }

  /** Before the record is written: what is registered is listed, whatever ends the process in between. */
  async add(key: string): Promise<void> {
    const prefix = namingPrefixOf(key)
    await this.#execute(
      `INSERT INTO ${this.#keyspace}.handles (prefix, bucket, handle, noted) VALUES (?, ?, ?, 1)`,
      [prefix, this.#bucketOf(key), key],
    )
    if (this.#knownPrefixes.has(prefix)) return
    await this.#execute(`INSERT INTO ${this.#keyspace}.prefixes (shard, prefix) VALUES (0, ?)`, [prefix])
    if (this.#knownPrefixes.size >= knownPrefixesMax) this.#knownPrefixes.clear()
    this.#knownPrefixes.add(prefix)
  }

  async scan({ keyPrefix, after, entriesMax }: ScanRequest): Promise<ScanPage> {
    const entries: { key: string; value: Uint8Array }[] = []
    for (const prefix of await this.#prefixesOf(keyPrefix, after)) {
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
      const page = await this.#listed(prefix, { ...range, after })
      const records = await this.#read(page.listed.map(({ key }) => key))
      for (const [place, { key, notedAt }] of page.listed.entries()) {
        const value = records[place]
        if (value === undefined) this.#forget(prefix, { key, notedAt })
        else yield { key, value }
      }
      if (page.isLast) return
      after = page.end
    }
  }

  /**
   * The next keys in order. Each bucket is asked for its even share and some more; keys of all are taken as far as every
   * bucket has been read, so that a page may be shorter than what is wanted and is never out of order.
   */
  async #listed(
    prefix: string,
    range: { readonly keyPrefix: string; readonly after: string | undefined; readonly wanted: number },
  ): Promise<{
    readonly listed: readonly Listed[]
    readonly isLast: boolean
    readonly end: string | undefined
  }> {
    const { keyPrefix, after, wanted } = range
    const from = after !== undefined && compareKeys(after, keyPrefix) >= 0 ? after : keyPrefix
    const bound = from === after ? '>' : '>='
    const select = `SELECT handle, writetime(noted) AS noted_at FROM ${this.#keyspace}.handles WHERE prefix = ? AND bucket = ? AND handle ${bound} ? LIMIT ?`
    const rowsMax = Math.min(wanted, rowsLeast + Math.ceil((wanted / this.#buckets) * 1.5))
    const buckets = await Promise.all(
      Array.from({ length: this.#buckets }, async (_, bucket) => {
        const { rows } = await this.#execute(select, [prefix, bucket, from, rowsMax])
        return rows.map(listedOf)
      }),
    )
    const ends = buckets.filter((rows) => rows.length === rowsMax).map((rows) => rows.at(-1)?.key ?? from)
    const [end] = ends.sort(compareKeys)
    const read = buckets.flat().filter(({ key }) => end === undefined || compareKeys(key, end) <= 0)
    const listed = read
      .filter(({ key }) => key.startsWith(keyPrefix))
      .sort((left, right) => compareKeys(left.key, right.key))
    // The last of them may be followed by more that were read already: the next page begins there.
    if (listed.length > wanted)
      return { listed: listed.slice(0, wanted), isLast: false, end: listed[wanted - 1]?.key }
    return { listed, isLast: end === undefined || listed.length < read.length, end }
  }

  /** Naming prefixes whose keys can begin so, in the order of their keys. */
  async #prefixesOf(keyPrefix: string, after: string | undefined): Promise<readonly string[]> {
    if (keyPrefix.includes('/')) return [namingPrefixOf(keyPrefix)]
    // Prefixes before the cursor's hold nothing that is behind it.
    const first = after?.slice(0, after.includes('/') ? after.indexOf('/') + 1 : undefined) ?? ''
    const { rows } = await this.#execute(`SELECT prefix FROM ${this.#keyspace}.prefixes WHERE shard = 0`, [])
    return rows
      .map((row) => row.get('prefix') as string)
      .filter((prefix) => `${prefix}/`.startsWith(keyPrefix) && compareKeys(`${prefix}/`, first) >= 0)
      .sort((left, right) => compareKeys(`${left}/`, `${right}/`))
  }

  /** Takes off exactly the entry that was seen: one that was listed again meanwhile has a newer time and stays. */
  #forget(prefix: string, { key, notedAt }: { readonly key: string; readonly notedAt: bigint }): void {
    if (notedAt > BigInt(Math.floor(this.#clock.nowMs())) * 1000n - settlingMicroseconds) return
    const statement = `DELETE FROM ${this.#keyspace}.handles USING TIMESTAMP ? WHERE prefix = ? AND bucket = ? AND handle = ?`
    // The next scan finds it again where this one fails.
    this.#execute(statement, [
      types.Long.fromString(String(notedAt)),
      prefix,
      this.#bucketOf(key),
      key,
    ]).catch(() => undefined)
  }

  /** A standard checksum: the same for every version of this program, as what is listed has to be found again. */
  #bucketOf(key: string): number {
    return crc32(key) % this.#buckets
  }

  #execute(statement: string, parameters: readonly unknown[]): Promise<types.ResultSet> {
    return this.#client.execute(statement, [...parameters], { isIdempotent: true, fetchSize: fetchedAtOnce })
  }
}

// So few rows cost no more than one.
const rowsLeast = 4
const knownPrefixesMax = 100_000
const countedAtOnce = 1000
const fetchedAtOnce = 5000

function listedOf(row: types.Row): Listed {
  return { key: row.get('handle') as string, notedAt: BigInt(String(row.get('noted_at') ?? 0)) }
}
