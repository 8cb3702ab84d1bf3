import { z } from 'zod'
import { assert } from '../../src/support/assert.ts'
import * as flags from '../cli/flags.ts'
import { resultsDirectory } from '../cli/results-directory.ts'
import { parsePolicies, parseSizes } from '../simulator/choices.ts'
import { presetNames } from '../workload/presets/index.ts'

/** The flags of `compare-policies`. */
export const comparePoliciesFlags = z.object({
  policies: flags
    .text('expected policies such as lru,sieve,s3-fifo')
    .refine((text) => typeof parsePolicies(text) !== 'string' && !text.includes('belady'), {
      error: 'expected policies such as lru,sieve,s3-fifo, none of them an offline optimum',
    })
    .default('lru,sieve,s3-fifo,w-tinylfu')
    .describe('policies of the node, with parameters where they differ from the defaults'),
  cache: flags
    .text('expected sizes such as 0.1%,1%,10%')
    .refine((text) => isEntries(text), { error: 'expected sizes such as 0.1%,1%,10% or 5000, in entries' })
    .default('0.1%,1%,10%')
    .describe('cache sizes: a share of the identifiers, or entries'),
  preset: flags.oneOf(presetNames).default('traceability').describe('what is asked'),
  identifiers: flags.count({ least: 100 }).default(100_000).describe('how many identifiers are loaded'),
  rate: flags.count({ most: 10_000_000 }).default(2000).describe('operations offered a second'),
  duration: flags.seconds({ least: 1 }).default(10).describe('time measured for each policy and size'),
  warmUp: flags.seconds({ least: 0 }).default(10).describe('time in which each cache fills before it'),
  connections: flags.count({ most: 10_000 }).default(64).describe('connections'),
  timeout: flags.seconds().default(10).describe('time after which an unanswered request is given up'),
  seed: flags
    .count({ least: 0, most: 2 ** 32 - 1 })
    .default(42)
    .describe('seed of everything that is drawn: the same requests for every policy'),
  prefix: flags.prefix().default('88.118').describe('prefix of the generated identifiers'),
  out: resultsDirectory,
})
export type ComparePoliciesFlags = z.infer<typeof comparePoliciesFlags>

/** Entries that a size comes to; at least one. */
export function entriesOf(size: string, identifiers: number): number {
  const sizes = parseSizes(size)
  const choice = typeof sizes === 'string' ? undefined : sizes[0]
  assert(choice !== undefined, 'sizes were checked when the flags were read')
  return Math.max(1, Math.floor(choice.kind === 'fraction' ? choice.amount * identifiers : choice.amount))
}

function isEntries(text: string): boolean {
  const sizes = parseSizes(text)
  return typeof sizes !== 'string' && sizes.every(({ kind }) => kind !== 'bytes')
}
