import type { Client } from 'cassandra-driver'

const flushEveryMs = 500

/**
 * Records by naming prefix in counters of the cluster, which a process that dies may leave some behind: a node adds up
 * what it did and writes it twice a second. Exact counts are the listing's.
 */
export class ApproximateCounts {
  readonly #client: Client
  readonly #keyspace: string
  readonly #flusher: NodeJS.Timeout
  #pending = new Map<string, number>()
  #flushing: Promise<void> = Promise.resolve()

  constructor(client: Client, keyspace: string) {
    this.#client = client
    this.#keyspace = keyspace
    this.#flusher = setInterval(() => void this.flush(), flushEveryMs).unref()
  }

  add(prefix: string, records: number): void {
    if (records !== 0) this.#pending.set(prefix, (this.#pending.get(prefix) ?? 0) + records)
  }

  /** Never rejects: what could not be written is written with the next. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#write())
    return this.#flushing
  }

  /** By prefix, or of all prefixes, with what this node has done. */
  async count(prefix?: string): Promise<number> {
    await this.flush()
    const where = prefix === undefined ? '' : ' AND prefix = ?'
    const { rows } = await this.#client.execute(
      `SELECT records FROM ${this.#keyspace}.counts WHERE shard = 0${where}`,
      prefix === undefined ? [] : [prefix],
      { isIdempotent: true },
    )
    return Math.max(
      0,
      rows.reduce((sum, row) => sum + Number(String(row.get('records') ?? 0)), 0),
    )
  }

  async close(): Promise<void> {
    clearInterval(this.#flusher)
    await this.flush()
  }

  async #write(): Promise<void> {
    const pending = [...this.#pending].filter(([, records]) => records !== 0)
    this.#pending = new Map()
    const written = await Promise.allSettled(
      pending.map(([prefix, records]) =>
        this.#client.execute(
          `UPDATE ${this.#keyspace}.counts SET records = records + ? WHERE shard = 0 AND prefix = ?`,
          [records, prefix],
          { isIdempotent: false },
        ),
      ),
    )
    for (const [place, { status }] of written.entries()) {
      const [prefix = '', records = 0] = pending[place] ?? []
      if (status === 'rejected') this.add(prefix, records)
    }
  }
}
