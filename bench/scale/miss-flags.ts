import { z } from 'zod'
import * as flags from '../cli/flags.ts'
import { scaleFlags } from './scale-options.ts'

const { sizes, data, out, prefix, seed, workers, connections, keepData } = scaleFlags.shape

/** The flags of the comparison of misses with hits. */
export const missFlags = z.object({
  ...{ sizes, data, out, prefix, seed, workers, connections, keepData },
  cacheShare: z
    .string()
    .transform(Number)
    .refine((share) => share > 0 && share <= 1, 'expected a share such as 0.01')
    .default(0.01)
    .describe('entries of the cache as a share of the identifiers'),
  cachePolicy: flags.text('expected a policy').default('').describe("the node's --cache-policy"),
  alternations: flags.count({ most: 1000 }).default(5).describe('rounds that count'),
  seconds: flags.seconds({ least: 1 }).default(2).describe('length of one burst'),
  warmUp: flags.seconds({ least: 1 }).default(20).describe('time of the first burst, which fills the cache'),
  rate: flags
    .count({ least: 0, most: 1_000_000 })
    .default(0)
    .describe('requests offered a second for latencies; half of what the slowest side takes unless given'),
  offeredSeconds: flags.seconds({ least: 1 }).default(3).describe('length of one burst at the offered rate'),
})
