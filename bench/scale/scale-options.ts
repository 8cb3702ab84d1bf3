import { tmpdir } from 'node:os'
import { z } from 'zod'
import * as flags from '../cli/flags.ts'

/** The flags of the scale benchmark. */
export const scaleFlags = z.object({
  sizes: listOf('whole numbers such as 1e6,1e7', (value) => Number.isSafeInteger(value) && value >= 1000)
    .default([1e6, 1e7])
    .describe('how many identifiers to load, one store after the other'),
  cacheShares: listOf('shares such as 0.001,0.01', (value) => value > 0 && value <= 1)
    .default([0.001, 0.01, 0.1])
    .describe('cache sizes as shares of the identifiers'),
  data: flags
    .text('expected the path of a directory')
    .default(tmpdir())
    .describe('where the stores are made and removed again'),
  out: flags
    .text('expected the path of a directory')
    .default('results/scale')
    .describe('directory of the results'),
  prefix: flags.prefix().default('88.118').describe('prefix of the generated identifiers'),
  seed: flags
    .count({ least: 0, most: 2 ** 32 - 1 })
    .default(42)
    .describe('seed of everything that is drawn'),
  workers: flags
    .count({ most: 64 })
    .default(1)
    .describe("the node's threads; one leaves a core for the driver on a machine with two"),
  rate: flags.count({ most: 1_000_000 }).default(2000).describe('requests offered a second for latencies'),
  connections: flags.count({ most: 10_000 }).default(64).describe('connections of the driver'),
  coldSeconds: flags.seconds({ least: 1 }).default(8).describe('time measured with nothing in memory'),
  warmUp: flags.seconds({ least: 0 }).default(15).describe('time driven before a warm measurement'),
  duration: flags.seconds({ least: 1 }).default(10).describe('time of each warm measurement'),
  registerSeconds: flags.seconds({ least: 1 }).default(60).describe('time of the random-order registration'),
  keepData: z.boolean().default(false).describe('keep the stores afterwards'),
})
export type ScaleFlags = z.infer<typeof scaleFlags>

function listOf(what: string, accepts: (value: number) => boolean) {
  const error = `expected ${what}`
  return z.string({ error }).transform((input, context): number[] => {
    const values = input.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
    if (values.every(accepts)) return values
    context.issues.push({ code: 'custom', message: error, input })
    return z.NEVER
  })
}
