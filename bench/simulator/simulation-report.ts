import { z } from 'zod'
import { traceFormatNames } from '../workload/traces/formats.ts'

export const simulationSchemaVersion = 1

const windowSchema = z.object({
  requests: z.number(),
  misses: z.number(),
  bytes: z.number(),
  byteMisses: z.number(),
})

const rowSchema = z.object({
  trace: z.string(),
  /** As it was asked for, such as `clock:bits=2`. */
  label: z.string(),
  policy: z.string(),
  /** Every parameter, defaults included. */
  parameters: z.record(z.string(), z.number()),
  /** As it was asked for, such as `0.1%`. */
  size: z.string(),
  capacity: z.number(),
  unit: z.enum(['objects', 'bytes']),
  /** What a policy that draws lots was seeded with, where several seeds were asked for. */
  seed: z.number().optional(),
  /** Counted requests: without the warm-up. */
  requests: z.number(),
  misses: z.number(),
  missRatio: z.number(),
  /** Bytes of the counted requests and of the missed ones; objects where the trace has no sizes. */
  bytes: z.number(),
  byteMisses: z.number(),
  byteMissRatio: z.number(),
  evictions: z.number(),
  expirations: z.number(),
  refusals: z.number(),
  nsPerRequest: z.number(),
  series: z.array(windowSchema),
})

const traceSchema = z.object({
  file: z.string(),
  sha256: z.string(),
  bytes: z.number(),
  format: z.enum([...traceFormatNames, 'generated']),
  parameters: z.record(z.string(), z.string()),
  requests: z.number(),
  objects: z.number(),
  workingSetBytes: z.number(),
  hasSizes: z.boolean(),
  /** Requests for objects of no bytes, left out. */
  skipped: z.number(),
})

/** What `erji-bench simulate` writes, and `erji-bench reproduce` reads. */
export const simulationReportSchema = z.object({
  simulationSchemaVersion: z.literal(simulationSchemaVersion),
  startedAt: z.string(),
  seconds: z.number(),
  /** Most memory that the process held at one time. */
  peakMemoryBytes: z.number().optional(),
  command: z.array(z.string()),
  environment: z.looseObject({
    cpuModel: z.string(),
    logicalCores: z.number(),
    memoryBytes: z.number(),
    kernel: z.string(),
    runtime: z.string(),
    commit: z.string().optional(),
    harnessVersion: z.string(),
  }),
  settings: z.object({
    ignoreObjectSize: z.boolean(),
    warmUpFraction: z.number(),
    ttlSeconds: z.number().optional(),
    useTraceTtl: z.boolean(),
    windows: z.number(),
    seed: z.number(),
    threads: z.number(),
  }),
  traces: z.array(traceSchema),
  rows: z.array(rowSchema),
})

export type SimulationReport = z.infer<typeof simulationReportSchema>
export type SimulationRow = z.infer<typeof rowSchema>
export type SimulatedTrace = z.infer<typeof traceSchema>
export type SimulationSettings = SimulationReport['settings']
