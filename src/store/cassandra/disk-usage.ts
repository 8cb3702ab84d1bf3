import type { Client } from 'cassandra-driver'
import type { Clock } from '../../support/clock.ts'
import type { CassandraOptions } from './cassandra-options.ts'

type Parts = {
  readonly client: Pick<Client, 'execute' | 'hosts'>
  readonly options: Pick<CassandraOptions, 'keyspace' | 'dataCenter'>
  readonly clock: Pick<Clock, 'nowNs'>
}

// Asked of every host, and nobody who scrapes needs it newer.
const freshNs = 10e9

/**
 * What the keyspace takes on the disks of the node's own data centre, all copies together, as its hosts say themselves:
 * `system_views.disk_usage`, which each host answers for itself in whole mebibytes, and which counts what has been flushed.
 */
export class DiskUsage {
  readonly #parts: Parts
  #bytes: Promise<number | undefined> = Promise.resolve(undefined)
  #freshUntilNs = Number.NEGATIVE_INFINITY

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Undefined while a host is away or does not say: the sum of the others would pass for the whole. */
  bytes(): Promise<number | undefined> {
    const nowNs = this.#parts.clock.nowNs()
    if (nowNs >= this.#freshUntilNs) {
      this.#freshUntilNs = nowNs + freshNs
      this.#bytes = this.#ask()
    }
    return this.#bytes
  }

  async #ask(): Promise<number | undefined> {
    const { client, options } = this.#parts
    const hosts = client.hosts.values().filter(({ datacenter }) => datacenter === options.dataCenter)
    if (hosts.length === 0 || !hosts.every((host) => host.isUp())) return undefined
    const select = 'SELECT mebibytes FROM system_views.disk_usage WHERE keyspace_name = ? ALLOW FILTERING'
    const answers = await Promise.allSettled(
      hosts.map((host) => client.execute(select, [options.keyspace], { host, isIdempotent: true })),
    )
    let mebibytes = 0
    for (const answer of answers) {
      if (answer.status === 'rejected') return undefined
      for (const row of answer.value.rows) mebibytes += Number(String(row.get('mebibytes')))
    }
    return mebibytes * 2 ** 20
  }
}
