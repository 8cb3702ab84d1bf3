import type { Environment } from '../report/report.ts'
import type { Concurrency } from './driver-alone.ts'
import { type OperationName, operationNames, type Performed } from './operations.ts'

/** The target from which `docs/scale.md` is computed. */
export const twoNodesOverThree = 'two nodes over three'

/** One operation on one target for a few seconds. */
export type Measured = Performed & {
  readonly target: string
  readonly operation: OperationName
  readonly nodeCpuSeconds: number
  readonly clusterCpuSeconds: number
}

/** Everything that one run of `npm run bench:cassandra` found. */
export type CassandraResult = {
  readonly startedAt: string
  readonly environment: Environment
  readonly options: Readonly<Record<string, unknown>>
  /** On disk, all three copies and the listing together. */
  readonly bytesPerRecord: number
  readonly measured: readonly Measured[]
  /** Of the driver's reads, those that another replica was asked for too. */
  readonly askedTwiceShare: number
  readonly concurrency: readonly Concurrency[]
}

/** Medians over the alternations of one operation on one target. */
export type Median = {
  readonly perSecond: number
  readonly nodeMicros: number
  readonly clusterMicros: number
  readonly p50: number
  readonly p99: number
  readonly failed: number
}

/** @throws Error where the operation was not measured on that target. */
export function medianOf(
  { measured }: Pick<CassandraResult, 'measured'>,
  which: { readonly target: string; readonly operation: OperationName },
): Median {
  const runs = measured.filter(
    ({ target, operation }) => target === which.target && operation === which.operation,
  )
  if (runs.length === 0) throw new Error(`${which.operation} on ${which.target} was not measured`)
  const median = (read: (run: Measured) => number): number => {
    const sorted = runs.map(read).sort((left, right) => left - right)
    return sorted[Math.floor(sorted.length / 2)] ?? 0
  }
  return {
    perSecond: median((run) => run.operations / run.seconds),
    nodeMicros: median((run) => (run.nodeCpuSeconds * 1e6) / run.operations),
    clusterMicros: median((run) => (run.clusterCpuSeconds * 1e6) / run.operations),
    p50: median((run) => run.latencyMs.p50),
    p99: median((run) => run.latencyMs.p99),
    failed: runs.reduce((sum, run) => sum + run.failed, 0),
  }
}

/** Targets by name, in one order for all operations; of one operation those that it was measured on. */
export function targetsOf(
  { measured }: Pick<CassandraResult, 'measured'>,
  operation?: OperationName,
): readonly string[] {
  const runs = measured.filter((run) => operation === undefined || run.operation === operation)
  return [...new Set(runs.map(({ target }) => target))].sort()
}

export function reportText(result: CassandraResult): string {
  const { environment, options, bytesPerRecord } = result
  const lines = [
    '# Registrations and resolutions over Cassandra',
    '',
    `${environment.cpuModel}, ${environment.logicalCores} cores, ${environment.runtime}, commit ${environment.commit ?? 'unknown'}, seed ${options.seed}, ${result.startedAt}.`,
    'One node with its embedded store against two nodes over a three-node Cassandra 5 cluster (three copies, local_quorum, serial), and its',
    'driver without nodes, all on this machine together with the client, by turns in one run: rates say what this machine gives, CPU per operation carries over.',
    '',
    '| operation | target | per second | node CPU µs | cluster CPU µs | p50 ms | p99 ms | failed |',
    '|--|--|--:|--:|--:|--:|--:|--:|',
    ...operationNames.flatMap((operation) =>
      targetsOf(result, operation).map((target) => {
        const median = medianOf(result, { target, operation })
        const figures = [median.perSecond, median.nodeMicros, median.clusterMicros].map((one) =>
          Math.round(one),
        )
        const latencies = [median.p50, median.p99].map((one) => one.toFixed(1))
        return `| ${[operation, target, ...figures, ...latencies, median.failed].join(' | ')} |`
      }),
    ),
    '',
    'CPU is per operation, the latency of a bulk registration that of its 500 records together. A missed resolution is one with',
    '`auth=true`, which reads past the cache as a miss does. The driver alone is the store asked by the benchmark itself, with as many',
    'requests under way and without nodes, HTTP or another client: its node CPU is that of driver and store, and of making the records.',
    `Another replica was asked too, after 100 ms, for ${(result.askedTwiceShare * 100).toFixed(2)} % of its reads.`,
    '',
    '| most bulk writes under way | registered per second | failed | ms for 500 records |',
    '|--:|--:|--:|--:|',
    ...result.concurrency.map(
      ({ writesInFlightMax, perSecond, failed, batchMs }) =>
        `| ${writesInFlightMax} | ${Math.round(perSecond)} | ${failed} | ${Math.round(batchMs)} |`,
    ),
    '',
    `Disk: ${Math.round(bytesPerRecord)} bytes a record in the whole cluster, three copies and the listing together.`,
  ]
  return `${lines.join('\n')}\n`
}
