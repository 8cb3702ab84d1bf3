import * as flags from '../cli/flags.ts'

/** What every comparison of sides by turns is told. */
export const comparisonFlags = {
  alternations: flags.count({ most: 1000 }).default(5).describe('rounds that count'),
  seconds: flags.seconds({ least: 1 }).default(2).describe('length of one burst'),
  handles: flags.count({ most: 1e6 }).default(10_000).describe('handles that are asked for in turn'),
  seed: flags
    .count({ most: 2 ** 31 })
    .default(42)
    .describe('seed of the records'),
  out: flags.text('expected the path of a directory').default('results').describe('directory of the result'),
} as const
