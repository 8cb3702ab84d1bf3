import { z } from 'zod'
import * as flags from '../cli/flags.ts'
import { resultsDirectory } from '../cli/results-directory.ts'

/** The flags of `tree`. */
export const treeFlags = z.object({
  nodes: flags
    .count({ most: 50 })
    .default(10)
    .describe('secondary nodes (二级节点) below the national top node'),
  enterprises: flags
    .count({ least: 0, most: 100 })
    .default(20)
    .describe('enterprise nodes, dealt out below them'),
  // Fewer would come round to identifiers that an earlier measurement has made known.
  identifiers: flags
    .count({ least: 10_000, most: 1e7 })
    .default(100_000)
    .describe('identifiers at each secondary node'),
  enterpriseIdentifiers: flags
    .count({ least: 8000, most: 1e6 })
    .default(10_000)
    .describe('identifiers at each enterprise node'),
  rate: flags
    .count({ most: 100_000 })
    .default(500)
    .describe('resolutions offered a second, through the recursive node'),
  duration: flags.seconds({ least: 1 }).default(10).describe('time of each measurement'),
  transport: flags.oneOf(['tcp', 'http']).default('tcp').describe('how nodes ask each other'),
  seed: flags
    .count({ least: 0, most: 2 ** 32 - 1 })
    .default(42)
    .describe('seed of the records and of what is asked'),
  out: resultsDirectory,
})
export type TreeFlags = z.infer<typeof treeFlags>
