import type { CassandraOptions } from '../../src/store/cassandra/cassandra-options.ts'
import { openCassandraStore } from '../../src/store/cassandra/cassandra-store.ts'
import type { Mutation } from '../../src/store/store.ts'
import { systemClock } from '../../src/support/clock.ts'
import { ownUsage } from '../measure/process-usage.ts'

/** What the driver itself costs: the store asked by this process, with no HTTP and no node around it. */
export type DriverCost = {
  readonly operation: 'get' | 'register'
  readonly perSecond: number
  readonly cpuSecondsPerOperation: number
}

/** One bound on writes under way and what came of it. */
export type Concurrency = {
  readonly writesInFlightMax: number
  readonly perSecond: number
  readonly failed: number
  readonly batchMs: number
}

const readsInFlight = 64
const batchRecords = 500

export async function measureDriver(
  cassandra: CassandraOptions,
  options: { readonly keys: readonly string[]; readonly seconds: number; readonly run: string },
): Promise<readonly DriverCost[]> {
  const store = await openCassandraStore({ cassandra })
  try {
    let next = 0
    const get = await timed(options.seconds, readsInFlight, async () => {
      await store.get(options.keys[next++ % options.keys.length] ?? '')
      return 1
    })
    const register = await timed(options.seconds, 2, async () => {
      const results = await store.commit(batch(`${options.run}-${next++}`))
      return results.filter(({ applied }) => applied).length
    })
    return [
      { operation: 'get', ...get },
      { operation: 'register', ...register },
    ]
  } finally {
    await store.close()
  }
}

/** Bulk commits under several bounds: where more under way brings nothing, the bound is right. */
export async function measureConcurrency(
  cassandra: CassandraOptions,
  options: { readonly bounds: readonly number[]; readonly seconds: number; readonly run: string },
): Promise<readonly Concurrency[]> {
  const found: Concurrency[] = []
  for (const writesInFlightMax of options.bounds) {
    const store = await openCassandraStore({ cassandra: { ...cassandra, writesInFlightMax } })
    let commits = 0
    let failed = 0
    const { perSecond, seconds } = await timed(options.seconds, 4, async () => {
      const results = await store.commit(batch(`${options.run}-${writesInFlightMax}-${commits++}`))
      failed += results.filter(({ applied }) => !applied).length
      return results.filter(({ applied }) => applied).length
    })
    await store.close()
    found.push({ writesInFlightMax, perSecond, failed, batchMs: (seconds * 1000 * 4) / Math.max(1, commits) })
  }
  return found
}

function batch(name: string): Mutation[] {
  const value = new Uint8Array(200).fill(120)
  return Array.from({ length: batchRecords }, (_, record) => ({
    key: `88.118/${name}-${record}`,
    value,
    precondition: { kind: 'absent' },
  }))
}

async function timed(seconds: number, loops: number, once: () => Promise<number>) {
  const cpuBefore = ownUsage().cpuSeconds
  const startNs = systemClock.nowNs()
  const endNs = startNs + seconds * 1e9
  let operations = 0
  const loop = async (): Promise<void> => {
    while (systemClock.nowNs() < endNs) operations += await once()
  }
  await Promise.all(Array.from({ length: loops }, loop))
  const tookSeconds = (systemClock.nowNs() - startNs) / 1e9
  return {
    perSecond: operations / tookSeconds,
    cpuSecondsPerOperation: (ownUsage().cpuSeconds - cpuBefore) / Math.max(1, operations),
    seconds: tookSeconds,
  }
}
