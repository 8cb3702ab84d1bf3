import { foldAscii } from '../../src/identifier/handle.ts'
import type { CassandraOptions } from '../../src/store/cassandra/cassandra-options.ts'
import { type CassandraStore, openCassandraStore } from '../../src/store/cassandra/cassandra-store.ts'
import type { Mutation } from '../../src/store/store.ts'
import { ownUsage } from '../measure/process-usage.ts'
import {
  bulkRecords,
  inFlightOf,
  type OperationName,
  type Performed,
  type PerformOptions,
  performInLoops,
  recordValues,
} from './operations.ts'

/** What reaches the cluster; a cached answer does not. */
export const driverOperations = [
  'register single',
  'register bulk',
  'resolve missed',
  'resolve absent',
] as const satisfies readonly OperationName[]
type DriverOperation = (typeof driverOperations)[number]

/** One bound on writes under way and what came of it. */
export type Concurrency = {
  readonly writesInFlightMax: number
  readonly perSecond: number
  readonly failed: number
  readonly batchMs: number
}

type Once = (parts: {
  readonly store: CassandraStore
  readonly records: number
  readonly options: PerformOptions
}) => Promise<{ readonly done: number; readonly failed: number }>

const prefix = '88.118'
const speculativeMetric = 'erji_cassandra_speculative_executions_total'
let unique = 0

const performed: Readonly<Record<DriverOperation, Once>> = {
  'register single': async ({ store, options }) => commit(store, [mutation(options)]),
  'register bulk': async ({ store, options }) =>
    commit(
      store,
      Array.from({ length: bulkRecords }, () => mutation(options)),
    ),
  'resolve missed': async ({ store, records, options }) => {
    const found = await store.get(keyOf(`base-${Math.floor(options.random() * records)}`))
    return found === undefined ? { done: 0, failed: 1 } : { done: 1, failed: 0 }
  },
  'resolve absent': async ({ store, options }) => {
    const found = await store.get(keyOf(`nothing-${options.run}-${unique++}`))
    return found === undefined ? { done: 1, failed: 0 } : { done: 0, failed: 1 }
  },
}

/** The store asked by this process: what the driver and the store itself cost, with no HTTP and no node around them. */
export class DriverAlone {
  readonly name = 'the driver alone'
  readonly #store: CassandraStore
  readonly #records: number
  #reads = 0
  #askedTwice = 0

  private constructor(store: CassandraStore, records: number) {
    this.#store = store
    this.#records = records
  }

  /** Over records `base-0` … that are there. */
  static async open(cassandra: CassandraOptions, records: number): Promise<DriverAlone> {
    return new DriverAlone(await openCassandraStore({ cassandra }), records)
  }

  /** CPU seconds so far of this process, which does nothing else meanwhile. */
  cpuSeconds(): number {
    return ownUsage().cpuSeconds
  }

  async perform(name: DriverOperation, options: PerformOptions): Promise<Performed> {
    const parts = { store: this.#store, records: this.#records, options }
    const askedBefore = this.#speculativeExecutions()
    const result = await performInLoops({ ...options, inFlight: inFlightOf(name) }, () =>
      performed[name](parts),
    )
    if (name.startsWith('resolve')) {
      this.#reads += result.operations
      this.#askedTwice += this.#speculativeExecutions() - askedBefore
    }
    return result
  }

  /** Reads that another replica was asked for too, because the first had not answered, as a share of all reads so far. */
  askedTwiceShare(): number {
    return this.#askedTwice / Math.max(1, this.#reads)
  }

  #speculativeExecutions(): number {
    const metric = this.#store.metrics().find(({ name }) => name === speculativeMetric)
    return metric?.samples[0]?.value ?? 0
  }

  close(): Promise<void> {
    return this.#store.close()
  }
}

/** Bulk commits under several bounds, by turns: where more under way brings nothing, the bound is right. Each is warmed first. */
export async function measureConcurrency(
  cassandra: CassandraOptions,
  plan: PerformOptions & { readonly bounds: readonly number[]; readonly alternations: number },
): Promise<readonly Concurrency[]> {
  const runs = new Map<number, Performed[]>(plan.bounds.map((bound) => [bound, []]))
  for (let alternation = 1; alternation <= plan.alternations; alternation++) {
    // There and back, so that none is always measured on a cluster that holds the most.
    const bounds = alternation % 2 === 0 ? plan.bounds.toReversed() : plan.bounds
    for (const writesInFlightMax of bounds) {
      const store = await openCassandraStore({ cassandra: { ...cassandra, writesInFlightMax } })
      const options = { ...plan, run: `bound-${writesInFlightMax}-${alternation}` }
      const inFlight = inFlightOf('register bulk')
      const once = () => performed['register bulk']({ store, records: 0, options })
      await performInLoops({ inFlight, seconds: 1 }, once)
      runs.get(writesInFlightMax)?.push(await performInLoops({ inFlight, seconds: plan.seconds }, once))
      await store.close()
    }
  }
  return [...runs].map(([writesInFlightMax, found]) => ({
    writesInFlightMax,
    perSecond: middle(found.map(({ operations, seconds }) => operations / seconds)),
    failed: found.reduce((sum, { failed }) => sum + failed, 0),
    batchMs: middle(found.map(({ latencyMs }) => latencyMs.p50)),
  }))
}

/** As the nodes write it. */
function keyOf(suffix: string): string {
  return foldAscii(`${prefix}/${suffix}`)
}

async function commit(store: CassandraStore, mutations: readonly Mutation[]) {
  const results = await store.commit(mutations)
  const done = results.filter(({ applied }) => applied).length
  return { done, failed: results.length - done }
}

function mutation({ run, random }: PerformOptions): Mutation {
  return {
    key: keyOf(`driver-${run}-${unique++}`),
    value: Buffer.from(JSON.stringify(recordValues(random))),
    precondition: { kind: 'absent' },
  }
}

function middle(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1] ?? 0
}
