import type { Client } from 'cassandra-driver'
import { HandleError } from '../../errors.ts'
import { type Clock, systemClock } from '../../support/clock.ts'
import { InFlightLimit } from '../../support/in-flight-limit.ts'
import type { PublishedMetric } from '../../support/published-metric.ts'
import { namingPrefixOf, recordsAdded } from '../preconditions.ts'
import type { Mutation, MutationResult, ScanPage, ScanRequest, Store, StoreCapabilities } from '../store.ts'
import { ApproximateCounts } from './approximate-counts.ts'
import { type CassandraClient, closeClient, inTime, waitForCassandra } from './cassandra-client.ts'
import { cassandraError } from './cassandra-errors.ts'
import type { CassandraOptions } from './cassandra-options.ts'
import { demandSchema, type SchemaStatus } from './cassandra-schema.ts'
import { clusterMetrics } from './cluster-metrics.ts'
import { CompareAndSet } from './compare-and-set.ts'
import { DiskUsage } from './disk-usage.ts'
import { Listing } from './listing.ts'

export type OpenCassandra = {
  readonly cassandra: CassandraOptions
  readonly clock?: Clock
  readonly signal?: AbortSignal
  /** Told, again and again, why the cluster cannot be used yet. */
  whenWaiting?(reason: string): void
}

/** Waits for the cluster and opens the store over it. @throws StartupError where the schema is missing or newer. */
export async function openCassandraStore(options: OpenCassandra): Promise<CassandraStore> {
  const { cassandra } = options
  const connected = await waitForCassandra(cassandra, {
    signal: options.signal ?? new AbortController().signal,
    whenWaiting: (reason) => options.whenWaiting?.(reason),
  })
  try {
    const schema = await demandSchema(connected.client, cassandra.keyspace)
    return new CassandraStore(connected, { cassandra, schema, clock: options.clock ?? systemClock })
  } catch (error) {
    await closeClient(connected.client)
    throw error
  }
}

const readsInFlightMax = 256
const writesInFlightLeast = 8

/**
 * Records in a Cassandra cluster that several nodes share. Each key is its own: a commit of many keys is neither atomic nor
 * isolated, but each of its mutations is linearizable, and a node applies those of one key in the order in which it was asked.
 */
export class CassandraStore implements Store {
  readonly engine = 'cassandra'
  readonly durability = 'replicated'
  readonly capabilities: StoreCapabilities = {
    persistent: true,
    synchronousReads: false,
    durabilities: ['replicated'],
    atomicCommits: false,
    measuresSize: 'when-flushed',
    distributed: true,
  }
  readonly #client: Client
  readonly #connected: CassandraClient
  readonly #options: CassandraOptions
  readonly #quorum: number
  readonly #swap: CompareAndSet
  readonly #listing: Listing
  readonly #counts: ApproximateCounts
  readonly #diskUsage: DiskUsage
  readonly #writes: InFlightLimit
  readonly #select: string
  readonly #lastOfKey = new Map<string, Promise<unknown>>()
  readonly #underWay = new Set<Promise<unknown>>()
  #closed = false

  constructor(
    connected: CassandraClient,
    parts: { readonly cassandra: CassandraOptions; readonly schema: SchemaStatus; readonly clock: Clock },
  ) {
    const { client, metrics } = connected
    const { cassandra: options, schema, clock } = parts
    this.#client = client
    this.#connected = connected
    this.#options = options
    const copies = Number(schema.replication[options.dataCenter] ?? 1)
    this.#quorum = Math.floor(copies / 2) + 1
    this.#writes = new InFlightLimit({ least: writesInFlightLeast, most: options.writesInFlightMax })
    const overloaded = (): void => this.#writes.overloaded()
    this.#swap = new CompareAndSet({ client, options, clock, metrics, overloaded })
    this.#listing = new Listing({ client, options, clock, schema }, (keys) => this.getMany(keys))
    this.#counts = new ApproximateCounts(client, options.keyspace)
    this.#diskUsage = new DiskUsage({ client, options, clock })
    this.#select = `SELECT record FROM ${options.keyspace}.records WHERE handle = ?`
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    this.#demandOpen()
    try {
      const result = await this.#client.execute(this.#select, [key], { isIdempotent: true })
      return (result.first()?.get('record') as Buffer | null | undefined) ?? undefined
    } catch (error) {
      throw cassandraError('reading', error)
    }
  }

  async getMany(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    this.#demandOpen()
    const records: (Uint8Array | undefined)[] = new Array(keys.length)
    let next = 0
    const reader = async (): Promise<void> => {
      while (next < keys.length) {
        const place = next++
        records[place] = await this.get(keys[place] as string)
      }
    }
    await Promise.all(Array.from({ length: Math.min(readsInFlightMax, keys.length) }, reader))
    return records
  }

  async commit(mutations: readonly Mutation[]): Promise<readonly MutationResult[]> {
    this.#demandOpen()
    const [only] = mutations
    const committed =
      mutations.length === 1 && only !== undefined
        ? this.#inTurn(only).then((result) => [result])
        : Promise.all(mutations.map((mutation) => this.#inTurn(mutation).catch(failed)))
    this.#underWay.add(committed)
    try {
      return await committed
    } finally {
      this.#underWay.delete(committed)
    }
  }

  async scan(request: ScanRequest): Promise<ScanPage> {
    this.#demandOpen()
    try {
      return await this.#listing.scan(request)
    } catch (error) {
      throw cassandraError('scanning', error)
    }
  }

  async count(prefix: string, accuracy: 'exact' | 'approximate'): Promise<number> {
    this.#demandOpen()
    try {
      return await (accuracy === 'exact' ? this.#listing.count(prefix) : this.#counts.count(prefix))
    } catch (error) {
      throw cassandraError('counting', error)
    }
  }

  async countAll(): Promise<number> {
    this.#demandOpen()
    try {
      return await this.#counts.count()
    } catch (error) {
      throw cassandraError('counting', error)
    }
  }

  sizeOnDiskBytes(): Promise<number | undefined> {
    return this.#diskUsage.bytes()
  }

  unwritableBecause(): string | undefined {
    const { dataCenter } = this.#options
    const hosts = this.#client.hosts.values().filter(({ datacenter }) => datacenter === dataCenter)
    const up = hosts.filter((host) => host.isUp()).length
    if (up >= this.#quorum) return undefined
    return `${up} of ${hosts.length} Cassandra hosts in data centre "${dataCenter}" are up; a quorum needs ${this.#quorum}`
  }

  metrics(): readonly PublishedMetric[] {
    const { client, metrics, latencies } = this.#connected
    return clusterMetrics(client, { driver: metrics, latencies, writes: this.#writes })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await Promise.allSettled(this.#underWay)
    await inTime(this.#counts.close())
    await closeClient(this.#client)
  }

  /** Behind the mutation of the same key that this node began before: proposals of one node do not race each other. */
  #inTurn(mutation: Mutation): Promise<MutationResult> {
    const { key } = mutation
    const before = this.#lastOfKey.get(key)
    const applied =
      before === undefined
        ? this.#writes.run(() => this.#apply(mutation))
        : before.then(() => this.#writes.run(() => this.#apply(mutation)))
    const settled = applied
      .catch(() => undefined)
      .finally(() => {
        if (this.#lastOfKey.get(key) === settled) this.#lastOfKey.delete(key)
      })
    this.#lastOfKey.set(key, settled)
    return applied
  }

  async #apply(mutation: Mutation): Promise<MutationResult> {
    try {
      if (mutation.value !== undefined && mutation.precondition.kind !== 'equals')
        await this.#listing.add(mutation.key)
      const result = await this.#swap.apply(mutation)
      this.#counts.add(namingPrefixOf(mutation.key), recordsAdded(mutation, result))
      return result
    } catch (error) {
      throw cassandraError('writing', error)
    }
  }

  #demandOpen(): void {
    if (this.#closed) throw new HandleError('STORE_UNAVAILABLE', 'the store is closed')
  }
}

/** Of many mutations each has its own end. */
function failed(error: unknown): MutationResult {
  if (!(error instanceof HandleError)) throw error
  return { applied: false, previous: undefined, failure: error }
}
