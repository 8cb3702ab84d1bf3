import { z } from 'zod'
import { scheduleNames } from './driver/schedules/index.ts'
import * as flags from './flags.ts'
import { distributionNames } from './workload/distributions/index.ts'
import { presetNames } from './workload/presets/index.ts'

/** The flags of `capacity`. */
export const capacityFlags = z.object({
  target: flags.target().describe('server to measure, loaded before with the same prefix and seed'),
  objective: flags
    .objectives()
    .default('resolve.p99<10ms,errors<0.01%')
    .describe('what a rate must meet, all parts of it'),
  identifiers: flags.count().default(1_000_000).describe('how many identifiers were loaded'),
  preset: flags.oneOf(presetNames).default('traceability').describe('what is asked'),
  distribution: flags
    .oneOf(distributionNames)
    .optional()
    .describe('which identifiers are popular, in the place of what the preset says'),
  start: flags.count({ most: 10_000_000 }).default(1000).describe('first rate offered'),
  maximum: flags.count({ most: 10_000_000 }).default(200_000).describe('highest rate offered'),
  precision: flags.share().default(0.03).describe('how near the bounds must come'),
  searches: flags.count({ most: 20 }).default(3).describe('searches, whose spread is stated'),
  confirmations: flags.count({ most: 10 }).default(1).describe('times a rate must meet the objective again'),
  trialsMax: flags.count({ most: 200 }).default(40).describe('most trials of one search'),
  duration: flags.seconds({ least: 1 }).default(5).describe('time measured in one trial'),
  warmUp: flags.seconds({ least: 0 }).default(1).describe('time driven before measuring a trial'),
  schedule: flags.oneOf(scheduleNames).default('poisson').describe('when operations are due'),
  connections: flags.count({ most: 10_000 }).default(64).describe('connections of all workers together'),
  workers: flags.count({ most: 64 }).default(1).describe('processes that drive'),
  cores: flags
    .cores()
    .optional()
    .describe('cores that the driving processes are bound to, in turn, such as 1 or 0,2-3'),
  timeout: flags.seconds().default(10).describe('time after which an unanswered request is given up'),
  retries: flags
    .count({ least: 0, most: 100 })
    .default(0)
    .describe('times a client sends again what was not answered, or with 503'),
  clientCache: flags
    .count({ least: 0, most: 100_000_000 })
    .default(0)
    .describe('entries of a cache that clients share and that honours TTLs; none with 0'),
  requestsPerConnection: flags
    .count({ most: 1e9 })
    .optional()
    .describe('requests after which a client closes its connection (default: kept open)'),
  sizing: z.boolean().default(false).describe('advise machines for what is expected'),
  expectedIdentifiers: flags.count().default(500_000_000).describe('identifiers expected, for --sizing'),
  expectedPeak: flags.count().default(10_000).describe('operations a second expected at peak, for --sizing'),
  growth: flags.share().default(0.2).describe('growth of both a year, for --sizing'),
  years: flags.count({ most: 50 }).default(3).describe('years to plan for, for --sizing'),
  prefix: flags.prefix().default('88.118').describe('prefix of the generated identifiers'),
  prefixes: flags
    .count({ most: 1000 })
    .default(1)
    .describe('prefixes derived from it, PREFIX.1 and so on, that share the identifiers unevenly'),
  seed: flags
    .count({ least: 0, most: 2 ** 32 - 1 })
    .default(42)
    .describe('seed of everything that is drawn'),
  user: flags.identity().optional().describe('administrator that writes (default: 300:PREFIX/ADMIN)'),
  secretFile: flags
    .text('expected the path of a file')
    .optional()
    .describe("file with the administrator's secret"),
  recordAdmin: z.boolean().default(false).describe('give each record an HS_ADMIN value'),
  insecure: z
    .boolean()
    .default(false)
    .describe('take any certificate over https, as servers have that signed theirs themselves'),
  out: flags.text('expected the path of a directory').default('results').describe('directory of the results'),
})
export type CapacityFlags = z.infer<typeof capacityFlags>
