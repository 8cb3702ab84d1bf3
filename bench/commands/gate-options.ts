import { availableParallelism } from 'node:os'
import { z } from 'zod'
import * as flags from '../cli/flags.ts'
import { resultsDirectory } from '../cli/results-directory.ts'
import { metricNames } from '../gate/metric.ts'
import { exitCodes } from '../report/verdict.ts'
import { presetNames } from '../workload/presets/index.ts'

const judging = {
  threshold: flags.share().default(0.05).describe('smallest change that counts, as a share or in percent'),
  confidence: flags.share().default(0.95).describe('confidence of all intervals together'),
  seed: flags
    .count({ least: 0, most: 2 ** 32 - 1 })
    .default(42)
    .describe('seed of the records, the order of the sides and the resampling'),
  out: resultsDirectory,
  history: flags
    .text('expected the path of a file')
    .optional()
    .describe('newline-delimited JSON file to add the result to'),
  inconclusiveExit: flags
    .count({ least: 0, most: 125 })
    .default(exitCodes.inconclusive)
    .describe('exit code of a result that is not decided'),
}

/** The flags of `gate`. */
export const gateFlags = z.object({
  baseline: flags
    .side('expected an address, a git reference or a JSON report')
    .describe('address of a node, git reference, or JSON report of a run made on this machine'),
  candidate: flags
    .side('expected an address or a git reference')
    .default('.')
    .describe('the same; a dot is this work tree'),
  metrics: flags
    .list(metricNames)
    .optional()
    .describe(
      'metrics whose verdict counts, separated by commas (default: cpu, resolve-cpu, throughput, p50; those of CPU time only where both nodes run on this machine; against a report: p50, with throughput or served)',
    ),
  preset: flags.oneOf(presetNames).default('traceability').describe('what is asked'),
  identifiers: flags.count().default(100_000).describe('how many identifiers each side is loaded with'),
  rate: flags.count({ most: 10_000_000 }).default(2000).describe('operations offered a second'),
  slice: flags.seconds({ least: 1 }).default(2).describe('time of one open-loop measurement of a side'),
  repetitionsMin: flags.count({ least: 5, most: 1000 }).default(8).describe('least pairs of measurements'),
  repetitionsMax: flags.count({ least: 5, most: 1000 }).default(30).describe('most pairs of measurements'),
  budget: flags.seconds({ least: 1 }).default(300).describe('time after which doubt is left as it is'),
  connections: flags.count({ most: 10_000 }).default(32).describe('connections to a side'),
  timeout: flags.seconds().default(10).describe('time after which an unanswered request is given up'),
  cacheBytes: flags.size().default('64MiB').describe('cache of the nodes started'),
  nodeWorkers: flags
    .count({ most: 1024 })
    .default(Math.max(1, availableParallelism() - 1))
    .describe(
      'threads of each node started (default: one core less than there are, which the generator has)',
    ),
  prefix: flags.prefix().default('88.118').describe('prefix of the generated identifiers'),
  user: flags.identity().optional().describe('administrator that writes (default: 300:PREFIX/ADMIN)'),
  secretFile: flags
    .text('expected the path of a file')
    .optional()
    .describe("file with the administrator's secret, for nodes given by address"),
  recordAdmin: z.boolean().default(false).describe('give each record an HS_ADMIN value'),
  insecure: z
    .boolean()
    .default(false)
    .describe(
      'take any certificate over https of nodes given by address, as servers have that signed theirs themselves',
    ),
  ...judging,
})
export type GateFlags = z.infer<typeof gateFlags>

/** The flags of `compare`, besides its two files. */
export const compareFlags = z.object({
  acrossMachines: z.boolean().default(false).describe('compare although the machines differ'),
  ...judging,
})
export type CompareFlags = z.infer<typeof compareFlags>

/** The flags of `history`: none. */
export const historyFlags = z.object({})
