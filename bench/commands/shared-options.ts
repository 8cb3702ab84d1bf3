import { z } from 'zod'
import * as flags from '../cli/flags.ts'
import { resultsDirectory } from '../cli/results-directory.ts'
import { scheduleNames } from '../driver/schedules/index.ts'
import { distributionNames } from '../workload/distributions/index.ts'

/** Which identifiers, and by whom they are written: the same for every command. */
export const identifying = {
  prefix: flags.prefix().default('88.118').describe('prefix of the generated identifiers'),
  prefixes: flags
    .count({ most: 1000 })
    .default(1)
    .describe('prefixes derived from it, PREFIX.1 and so on, that share the identifiers unevenly'),
  seed: flags
    .count({ least: 0, most: 2 ** 32 - 1 })
    .default(42)
    .describe('seed of everything that is drawn: records, keys, arrivals'),
  recordSizes: flags
    .recordSizes()
    .default('plain')
    .describe(
      'bytes of a description in each record: plain for none, preset, or such as lognormal:300:0.8; the same when loading and running',
    ),
  user: flags.identity().optional().describe('administrator that writes (default: 300:PREFIX/ADMIN)'),
  secretFile: flags
    .text('expected the path of a file')
    .optional()
    .describe("file with the administrator's secret"),
  recordAdmin: z
    .boolean()
    .default(false)
    .describe('give each record an HS_ADMIN value, for servers that want one'),
  insecure: z
    .boolean()
    .default(false)
    .describe('take any certificate over https, as servers have that signed theirs themselves'),
  out: resultsDirectory,
}

/** How a server is driven: the same for every command that does. */
export const driven = {
  distribution: flags
    .oneOf(distributionNames)
    .optional()
    .describe('which identifiers are popular, in the place of what the preset says'),
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
    .describe(
      'entries, over all workers, of caches that honour TTLs, one for the clients of each worker; none with 0',
    ),
  requestsPerConnection: flags
    .count({ most: 1e9 })
    .optional()
    .describe('requests after which a client closes its connection (default: kept open)'),
}
