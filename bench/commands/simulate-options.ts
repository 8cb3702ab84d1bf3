import { availableParallelism } from 'node:os'
import { z } from 'zod'
import * as flags from '../cli/flags.ts'
import { resultsDirectory } from '../cli/results-directory.ts'
import { parsePolicies, parseSizes } from '../simulator/choices.ts'
import { curveMethods } from '../simulator/estimate-curve.ts'
import { distributionNames } from '../workload/distributions/index.ts'
import { traceFormatNames } from '../workload/traces/formats.ts'
import { requestsInMemoryDefault } from '../workload/traces/stored-trace.ts'

/** How a trace is read: the same for every command that takes one. */
export const tracing = {
  format: flags
    .oneOf(traceFormatNames)
    .optional()
    .describe(`format of the traces (default: told by name and first bytes): ${traceFormatNames.join(', ')}`),
  traceTypeParams: flags
    .text('expected parameters such as obj-id-col=2')
    .transform((input, context) => parameters(input, context))
    .optional()
    .describe(
      'parameters of the format, as libCacheSim takes them: "time-col=1,obj-id-col=2,obj-size-col=3"',
    ),
}

/** How a trace is written. */
const writing = {
  to: flags
    .oneOf(traceFormatNames)
    .optional()
    .describe(`format to write (default: told by the name): ${traceFormatNames.join(', ')}`),
}

export const seeded = {
  seed: flags
    .count({ least: 0, most: 2 ** 32 - 1 })
    .default(42)
    .describe('seed of everything that is drawn'),
}

export const output = {
  out: resultsDirectory,
}

const standardPolicies = 'fifo,lru,clock,sieve,s3-fifo,slru,2q,arc,w-tinylfu'

/** The flags of `simulate`. */
export const simulateFlags = z.object({
  policies: choices(parsePolicies, 'policies such as fifo,lru,clock:bits=2')
    .default(standardPolicies)
    .describe('policies to simulate, with parameters where they differ from the defaults'),
  sizes: choices(parseSizes, 'sizes such as 0.1%,1000,1GiB').describe(
    'cache sizes: a share of the objects or of their bytes, a number of objects, or bytes',
  ),
  ignoreObjSize: z.boolean().default(false).describe('every object counts as one'),
  warmUp: flags.share().optional().describe('first part of the requests that is not counted (default: none)'),
  ttl: flags.seconds({ least: 1 }).optional().describe('time an object is kept, on the clock of the trace'),
  traceTtl: z.boolean().default(false).describe('objects expire when the trace says so'),
  windows: flags.count({ most: 10_000 }).default(20).describe('points of the time series'),
  ...seeded,
  seeds: flags
    .count({ most: 100 })
    .default(5)
    .describe('seeds, from --seed on, with which what is drawn is drawn again'),
  threads: flags
    .count({ most: 256 })
    .default(availableParallelism())
    .describe('threads that simulate at the same time'),
  requestsInMemory: flags
    .count({ most: 2 ** 30 })
    .default(requestsInMemoryDefault)
    .describe('requests of a trace kept in memory; columns of a longer one go to files below TMPDIR'),
  ...tracing,
  ...output,
  csv: z.boolean().default(false).describe('print the result as CSV instead of a table'),
  json: z.boolean().default(false).describe('print the result as JSON instead of a table'),
  parquet: z.boolean().default(false).describe('write the result as Parquet too'),
})
export type SimulateFlags = z.infer<typeof simulateFlags>

/** The flags of `reproduce`. */
export const reproduceFlags = z.object({
  threads: flags
    .count({ most: 256 })
    .default(availableParallelism())
    .describe('threads that simulate at the same time'),
})
export type ReproduceFlags = z.infer<typeof reproduceFlags>

/** The flags of `curve`. */
export const curveFlags = z.object({
  method: flags
    .oneOf(curveMethods)
    .default('exact')
    .describe(
      `how the curve is made: ${curveMethods.join(', ')}; minisim for any policy, the others for lru`,
    ),
  policies: choices(parsePolicies, 'policies such as fifo,lru,clock:bits=2')
    .default('lru')
    .describe('policies of minisim'),
  rate: flags.share().default(0.01).describe('part of the objects that shards and minisim sample'),
  samples: flags
    .count({ most: 2 ** 24 })
    .default(8192)
    .describe('objects that shards-fixed-size samples at most'),
  salts: flags.count({ most: 100 }).default(10).describe('samples drawn, between which the error is told'),
  points: flags.count({ most: 10_000 }).default(100).describe('sizes, equally far apart up to all objects'),
  logarithmic: z.boolean().default(false).describe('sizes equally far apart on a logarithmic axis instead'),
  compare: z.boolean().default(false).describe('state the error against the exact curve too'),
  ...seeded,
  ...tracing,
  ...output,
})
export type CurveFlags = z.infer<typeof curveFlags>

/** The flags of `trace info`. */
export const traceInfoFlags = z.object({
  points: flags.count({ most: 10_000 }).default(100).describe('points of the working set over time'),
  json: z.boolean().default(false).describe('print everything as JSON'),
  ...tracing,
})
export type TraceInfoFlags = z.infer<typeof traceInfoFlags>

/** The flags of `trace generate`. */
export const generateTraceFlags = z.object({
  distribution: flags
    .oneOf(distributionNames)
    .default('zipfian')
    .describe(`which object is asked for: ${distributionNames.join(', ')}`),
  exponent: flags.number({ above: 0, most: 10 }).default(0.99).describe("exponent of Zipf's law"),
  requests: flags.count({ most: 2 ** 30 }).describe('how many requests'),
  objects: flags.count({ most: 1e9 }).describe('how many objects there are to ask for'),
  ...seeded,
  out: flags.text('expected the path of a file').describe('file to write; .zst and .gz are compressed'),
  ...writing,
})
export type GenerateTraceFlags = z.infer<typeof generateTraceFlags>

/** The flags of `trace convert`. */
export const convertTraceFlags = z.object({
  ...tracing,
  ...writing,
  renumber: z.boolean().default(false).describe('give objects the ids 0, 1, 2 … in order of appearance'),
})
export type ConvertTraceFlags = z.infer<typeof convertTraceFlags>

/** Several choices separated by commas, kept as they were written once they can be read. */
function choices(parse: (text: string) => readonly unknown[] | string, what: string) {
  return flags.text(`expected ${what}`).transform((input, context) => {
    const parsed = parse(input)
    if (typeof parsed !== 'string') return input
    context.issues.push({ code: 'custom', message: `expected ${what}: ${parsed}`, input })
    return z.NEVER
  })
}

/** Reads `name=value,…`; the value of `delimiter` may be a comma itself. */
function parameters(input: string, context: z.core.$RefinementCtx): Record<string, string> {
  const pairs = [...input.matchAll(/\s*([a-z-]+)\s*=\s*(,|[^,]*?)\s*(?:,|$)/gy)]
  if (pairs.map(([whole]) => whole).join('') === input)
    return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value]))
  const message = 'expected parameters such as time-col=1,obj-id-col=2,obj-size-col=3'
  context.issues.push({ code: 'custom', message, input })
  return z.NEVER
}
