import { z } from 'zod'
import * as flags from '../cli/flags.ts'
import { profileNames } from '../driver/profiles/index.ts'
import { batchDefault, concurrencyDefault, sampleDefault } from '../run/steps.ts'
import { presetNames } from '../workload/presets/index.ts'
import { refuseForeignObjective } from './preset-objective.ts'
import { driven, identifying } from './shared-options.ts'
import { tracing } from './simulate-options.ts'

const batching = {
  batch: flags.count({ most: 100_000 }).default(batchDefault).describe('identifiers in one request'),
  concurrency: flags
    .count({ most: 256 })
    .default(concurrencyDefault)
    .describe('requests under way at a time'),
}

const loading = {
  ...batching,
  sample: flags
    .count({ least: 0, most: 1_000_000 })
    .default(sampleDefault)
    .describe('identifiers read back and compared after the load'),
}

const driving = {
  ...driven,
  profile: flags
    .oneOf(profileNames)
    .default('flat')
    .describe('how the rate changes over a phase, of which --rate is the peak'),
  warmUp: flags.seconds({ least: 0 }).default(5).describe('time driven before measuring'),
  skipCalibration: z.boolean().default(false).describe('do not measure the generator itself first'),
  objective: flags
    .objectives()
    .optional()
    .describe(
      'what every driven phase must meet, such as resolve.p99<10ms,errors<0.01%; what was dropped counts as failed and never answered',
    ),
}

/** The flags of `load`. */
export const loadFlags = z.object({
  target: flags.target().optional().describe('server to load'),
  direct: flags
    .text('expected the path of a data directory')
    .optional()
    .describe("stopped node's data directory to load instead, without HTTP"),
  identifiers: flags.count().describe('how many identifiers to register'),
  preset: flags
    .oneOf(presetNames)
    .default('traceability')
    .describe('whose record sizes are meant by --record-sizes preset'),
  ...identifying,
  ...loading,
})
export type LoadFlags = z.infer<typeof loadFlags>

const flagsOfRun = z.object({
  target: flags
    .target()
    .optional()
    .describe('server to measure, loaded before with the same prefix and seed; none with --fault'),
  fault: flags
    .faults()
    .default([])
    .describe('fault of a node started for it, such as kill@10s or stop@5s:2s; repeatable'),
  recoverWithin: flags
    .seconds()
    .optional()
    .describe('time from its beginning within which the node must recover from each fault, or the run fails'),
  durability: flags.oneOf(['sync', 'os', 'none']).default('sync').describe('durability of a node started'),
  cacheBytes: flags.size().default('64MiB').describe('cache of a node started'),
  nodeWorkers: flags
    .count({ most: 1024 })
    .default(1)
    .describe('threads of the node started; with one, its cache is the one that the simulator predicts'),
  identifiers: flags.count().default(1_000_000).describe('how many identifiers were loaded'),
  rate: flags.count({ most: 10_000_000 }).default(1000).describe('operations offered a second'),
  clients: flags
    .count({ most: 10_000 })
    .optional()
    .describe('clients that wait for their answers (a closed loop), in the place of --rate'),
  think: flags.seconds({ least: 0 }).default(0).describe('mean time that each of the clients thinks'),
  duration: flags.seconds({ least: 1 }).default(30).describe('time measured'),
  preset: flags.oneOf(presetNames).default('traceability').describe('what is asked'),
  trace: flags
    .text('expected the path of a trace')
    .optional()
    .describe('recorded requests to replay instead'),
  traceSpeed: flags
    .number({ above: 0, most: 1e9 })
    .optional()
    .describe('seconds of the trace in one second, to replay it at its own times instead of an even rate'),
  traceRate: flags
    .count({ most: 10_000_000 })
    .optional()
    .describe('requests of the trace offered a second (default: --rate)'),
  ...tracing,
  readBack: z
    .boolean()
    .default(false)
    .describe('read every record again whose write was acknowledged, and count those lost'),
  ...identifying,
  ...batching,
  ...driving,
})

/** The flags of `run`. */
export const runFlags = flagsOfRun.superRefine(refuseForeignObjective)
export type RunFlags = z.infer<typeof runFlags>

const flagsOfBench = z.object({
  target: flags.target().optional().describe('server to measure (default: a node started for it)'),
  identifiers: flags.count().default(1_000_000).describe('how many identifiers to load'),
  rate: flags
    .counts()
    .default([2000, 5000])
    .describe('operations offered a second; one phase for each, repeatable'),
  duration: flags.seconds({ least: 1 }).default(20).describe('time measured at each rate'),
  preset: flags.oneOf(presetNames).default('traceability').describe('what is asked'),
  traceRate: flags
    .count({ most: 10_000_000 })
    .default(5000)
    .describe('requests of the trace offered a second'),
  durability: flags.oneOf(['sync', 'os', 'none']).default('sync').describe('durability of the node started'),
  cacheBytes: flags.size().default('64MiB').describe('cache of the node started'),
  nodeWorkers: flags
    .count({ most: 1024 })
    .default(1)
    .describe('threads of the node started; with one, its cache is the one that the simulator predicts'),
  data: flags
    .text('expected the path of a directory')
    .optional()
    .describe('data directory of the node started (default: a temporary one)'),
  keepData: z.boolean().default(false).describe('keep the data directory afterwards'),
  ...identifying,
  ...loading,
  ...driving,
})

/** The flags of `bench`. */
export const benchFlags = flagsOfBench.superRefine(refuseForeignObjective)
export type BenchFlags = z.infer<typeof benchFlags>
