import { type CassandraResult, medianOf, twoNodesOverThree } from './report.ts'

/** What a machine is taken to have and how full it may be; `docs/scale.md` gives the reason and source of each. */
export const assumptions = {
  /** Of a Cassandra machine and of a node's machine, each core as fast as the one that was measured. */
  coresPerMachine: 16,
  diskBytesPerMachine: 4e12,
  /**
   * What a record takes at least, three copies and the listing together: identifiers and values that do not compress. What is
   * measured counts where it is more.
   */
  bytesPerRecordLeast: 1300,
  /** The rest is for compaction and repair. */
  diskShareUsed: 0.5,
  /** Random 4-KiB reads that a machine's disk gives in a second. */
  diskReadsPerSecond: 50_000,
  /** Nothing is taken to be in memory: each replica that is asked reads the disk so often. */
  diskReadsPerLookup: 1.2,
  /** A quorum of three reads two copies. */
  replicasPerRead: 2,
  replicas: 3,
  /** Resolutions that the nodes' caches answer within the staleness. */
  cachedShare: 0.3,
  /** Registrations for each resolution. */
  registrationsPerResolution: 0.1,
  /** Capacity for each unit of load. */
  headroom: 3,
  machinesLeast: 3,
} as const

/** What a case is computed from, all of it measured. */
export type Costs = {
  readonly bytesPerRecord: number
  readonly nodeMicros: { readonly cached: number; readonly missed: number; readonly register: number }
  readonly clusterMicros: { readonly missed: number; readonly register: number }
}

export type ScaleCase = { readonly identifiers: number; readonly resolutionsPerSecond: number }

/** Machines for one case. */
export type ScalePlan = ScaleCase & {
  readonly diskTerabytes: number
  readonly clusterByDisk: number
  readonly clusterByCpu: number
  readonly clusterByReads: number
  readonly clusterMachines: number
  readonly nodeMachines: number
}

export const scaleCases: readonly ScaleCase[] = [5e8, 5e9, 5e10].flatMap((identifiers) =>
  [10_000, 100_000].map((resolutionsPerSecond) => ({ identifiers, resolutionsPerSecond })),
)

export function costsOf(result: CassandraResult): Costs {
  const target = twoNodesOverThree
  const of = (operation: Parameters<typeof medianOf>[1]['operation']) =>
    medianOf(result, { target, operation })
  const cached = of('resolve cached')
  const missed = of('resolve missed')
  const register = of('register bulk')
  return {
    bytesPerRecord: result.bytesPerRecord,
    nodeMicros: { cached: cached.nodeMicros, missed: missed.nodeMicros, register: register.nodeMicros },
    clusterMicros: { missed: missed.clusterMicros, register: register.clusterMicros },
  }
}

export function planFor(asked: ScaleCase, costs: Costs): ScalePlan {
  const { identifiers, resolutionsPerSecond } = asked
  const { headroom, coresPerMachine, machinesLeast } = assumptions
  const missesPerSecond = resolutionsPerSecond * (1 - assumptions.cachedShare)
  const registrationsPerSecond = resolutionsPerSecond * assumptions.registrationsPerResolution
  const diskBytes = identifiers * Math.max(costs.bytesPerRecord, assumptions.bytesPerRecordLeast)
  const clusterCores =
    (missesPerSecond * costs.clusterMicros.missed + registrationsPerSecond * costs.clusterMicros.register) /
    1e6
  const nodeCores =
    (resolutionsPerSecond * assumptions.cachedShare * costs.nodeMicros.cached +
      missesPerSecond * costs.nodeMicros.missed +
      registrationsPerSecond * costs.nodeMicros.register) /
    1e6
  const lookups = (missesPerSecond + registrationsPerSecond) * assumptions.replicasPerRead
  const machines = (need: number): number => Math.max(machinesLeast, Math.ceil(need))
  const clusterByDisk = machines(diskBytes / (assumptions.diskBytesPerMachine * assumptions.diskShareUsed))
  const clusterByCpu = machines((clusterCores * headroom) / coresPerMachine)
  const clusterByReads = machines(
    (lookups * assumptions.diskReadsPerLookup * headroom) / assumptions.diskReadsPerSecond,
  )
  return {
    ...asked,
    diskTerabytes: diskBytes / 1e12,
    clusterByDisk,
    clusterByCpu,
    clusterByReads,
    clusterMachines: Math.max(clusterByDisk, clusterByCpu, clusterByReads),
    // One that fails must not be missed.
    nodeMachines: Math.max(2, Math.ceil((nodeCores * headroom) / coresPerMachine)),
  }
}

export function scaleTable(costs: Costs): string {
  const rows = scaleCases.map((asked) => {
    const plan = planFor(asked, costs)
    const cells = [
      asked.identifiers.toLocaleString('en'),
      asked.resolutionsPerSecond.toLocaleString('en'),
      plan.diskTerabytes.toFixed(1),
      plan.clusterByDisk,
      plan.clusterByCpu,
      plan.clusterByReads,
      `**${plan.clusterMachines}**`,
      `**${plan.nodeMachines}**`,
    ]
    return `| ${cells.join(' | ')} |`
  })
  return [
    '| identifiers | resolutions/s | disk, TB | by disk | by CPU | by disk reads | Cassandra machines | node machines |',
    '|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...rows,
  ].join('\n')
}
