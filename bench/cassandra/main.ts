/**
 * What the cluster costs and gives (`npm run bench:cassandra`): registrations and resolutions on one node over its embedded
 * store, on two nodes over a real three-node Cassandra cluster, and by its driver alone, on this machine, by turns; bulk
 * writes under several bounds; bytes on disk. Prints tables, writes JSON that `docs/scale.md` is computed from.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { z } from 'zod'
import { cassandraLibrary, installCassandra } from '../../scripts/install-cassandra.ts'
import { systemClock } from '../../src/support/clock.ts'
import { createPrng } from '../../src/support/prng.ts'
import * as flags from '../cli/flags.ts'
import { collectEnvironment } from '../measure/environment.ts'
import { Cluster } from './cluster.ts'
import { bytesBelow } from './disk-bytes.ts'
import { DriverAlone, driverOperations, measureConcurrency } from './driver-alone.ts'
import { loadRecords, type OperationName, operationNames, type Performed, perform } from './operations.ts'
import { type CassandraResult, type Measured, reportText } from './report.ts'
import {
  clusterCpuSeconds,
  prepareCluster,
  type RunningTarget,
  startEmbedded,
  startOverCluster,
} from './targets.ts'

const cassandraFlags = z.object({
  records: flags.count({ least: 1000 }).default(30_000).describe('records loaded before the measurement'),
  alternations: flags.count({ most: 20 }).default(3).describe('times that every operation is measured'),
  duration: flags.seconds({ least: 1 }).default(4).describe('time of each measurement'),
  seed: flags
    .count({ most: 2 ** 32 - 1 })
    .default(42)
    .describe('seed of the choice of records'),
  out: flags.text('expected the path of a directory').default('results').describe('directory of the result'),
})

const command = new Command('bench:cassandra')
for (const [name, flag] of Object.entries(cassandraFlags.shape))
  command.option(`--${name} <value>`, flag.description)
const options = flags.parseFlags(cassandraFlags, command.parse().opts())
const { records, alternations, duration } = options
const { nextDouble: random } = createPrng(options.seed)
const startedAt = new Date(systemClock.nowMs()).toISOString()

installCassandra()
const directory = mkdtempSync(join(tmpdir(), 'erji-bench-cassandra-'))
const clusterDirectory = join(directory, 'cluster')
say('starting a cluster of three')
// Both compilers, as an operator runs it: the first alone starts faster and costs more for each request.
const cluster = await Cluster.start({
  library: cassandraLibrary,
  directory: clusterDirectory,
  nodes: 3,
  network: 8,
  compilers: 'both',
})
try {
  await run()
} finally {
  await cluster.close()
  rmSync(directory, { recursive: true, force: true })
}

async function run(): Promise<void> {
  const cassandra = await prepareCluster(cluster)
  const targets: readonly RunningTarget[] = [
    await startEmbedded(directory, records),
    await startOverCluster(directory, { cluster, records }),
  ]
  try {
    for (const target of targets) {
      say(`loading ${records} records into ${target.name}`)
      await loadRecords(target, random)
    }
    const bytesPerRecord = await clusterBytesPerRecord()
    const driver = await DriverAlone.open(cassandra, records)
    const measured = await measureByTurns([...targets.map(measurable), besideNodes(driver)])
    const askedTwiceShare = driver.askedTwiceShare()
    await driver.close()
    say('bulk writes under several bounds')
    const bounds = [8, 32, 128, 512]
    const concurrency = await measureConcurrency(cassandra, {
      ...{ bounds, alternations, random },
      seconds: duration,
      run: 'bound',
    })
    const environment = collectEnvironment()
    conclude({ startedAt, environment, options, bytesPerRecord, measured, askedTwiceShare, concurrency })
  } finally {
    await Promise.all(targets.map((target) => target.stop()))
  }
}

/** Whatever can be measured by turns: nodes over a store, or the driver without them. */
type Measurable = {
  readonly name: string
  readonly operations: readonly OperationName[]
  usage(): { readonly nodeCpuSeconds: number; readonly clusterCpuSeconds: number }
  perform(name: OperationName, run: string): Promise<Performed>
}

function measurable(target: RunningTarget): Measurable {
  return {
    name: target.name,
    operations: operationNames,
    usage: () => target.usage(),
    perform: (name, run) => perform(name, target, { seconds: duration, random, run }),
  }
}

function besideNodes(driver: DriverAlone): Measurable {
  return {
    name: driver.name,
    operations: driverOperations,
    usage: () => ({ nodeCpuSeconds: driver.cpuSeconds(), clusterCpuSeconds: clusterCpuSeconds(cluster) }),
    perform: (name, run) => {
      const [operation] = driverOperations.filter((one) => one === name)
      if (operation === undefined) throw new Error(`${name} does not reach the cluster`)
      return driver.perform(operation, { seconds: duration, random, run })
    },
  }
}

async function measureByTurns(targets: readonly Measurable[]): Promise<readonly Measured[]> {
  const measured: Measured[] = []
  for (let alternation = 0; alternation <= alternations; alternation++) {
    for (const operation of operationNames) {
      // There and back, so that none always follows the same one.
      for (const target of alternation % 2 === 0 ? targets : targets.toReversed()) {
        if (!target.operations.includes(operation)) continue
        const before = target.usage()
        const performed = await target.perform(operation, `r${alternation}`)
        const after = target.usage()
        // The first turn compiles what the others run.
        if (alternation === 0) continue
        const nodeCpuSeconds = after.nodeCpuSeconds - before.nodeCpuSeconds
        const clusterCpuSeconds = after.clusterCpuSeconds - before.clusterCpuSeconds
        measured.push({ target: target.name, operation, ...performed, nodeCpuSeconds, clusterCpuSeconds })
        say(
          `${alternation}/${alternations} ${operation}, ${target.name}: ${Math.round(performed.operations / performed.seconds)}/s`,
        )
      }
    }
  }
  return measured
}

/** Bytes of all copies and of the listing, after everything is in its final tables. */
async function clusterBytesPerRecord(): Promise<number> {
  for (const { number } of cluster.nodes) {
    await cluster.nodetool(number, ['flush', 'erji'])
    await cluster.nodetool(number, ['compact', 'erji'])
  }
  const bytes = cluster.nodes.reduce(
    (sum, node) => sum + bytesBelow(join(node.directory, 'data', 'data', 'erji')),
    0,
  )
  return bytes / records
}

function conclude(result: CassandraResult): void {
  const folder = join(options.out, 'cassandra')
  mkdirSync(folder, { recursive: true })
  const text = reportText(result)
  writeFileSync(join(folder, 'cassandra.json'), `${JSON.stringify(result, undefined, 2)}\n`)
  writeFileSync(join(folder, 'cassandra.md'), text)
  process.stdout.write(`${text}\n${folder}\n`)
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
