import { z } from 'zod'
import { environment } from '../report/schema.ts'
import { type GateResult, gateSchemaVersion } from './gate-result.ts'
import { metricNames } from './metric.ts'

const metric = z.enum(metricNames)
const texts = z.array(z.string()).readonly()
const sides = z.object({ baseline: z.string(), candidate: z.string() })
const measurement = z
  .partialRecord(metric, z.number())
  // Absent, not undefined: JSON knows no other way to leave something out.
  .transform((values) => values as Partial<Record<z.infer<typeof metric>, number>>)

const metricResult = z.object({
  metric,
  phase: z.string().exactOptional(),
  baseline: z.number(),
  candidate: z.number(),
  interval: z.object({
    ratio: z.number(),
    low: z.number(),
    high: z.number(),
    confidence: z.number(),
    pairs: z.number(),
  }),
  verdict: z.enum(['improved', 'regressed', 'unchanged', 'inconclusive']),
  gating: z.boolean(),
})

/** The shape of a gate's result in a file; fields that are not known are let through. */
export const gateSchema: z.ZodType<GateResult> = z.object({
  gateSchemaVersion: z.literal(gateSchemaVersion),
  startedAt: z.string(),
  seconds: z.number(),
  command: texts,
  seed: z.number(),
  environment,
  baseline: z.string(),
  candidate: z.string(),
  sides: sides.exactOptional(),
  workload: z.string().exactOptional(),
  threshold: z.number(),
  design: z.enum(['paired', 'unpaired']),
  results: z.array(metricResult).readonly(),
  repetitions: z.array(z.object({ baseline: measurement, candidate: measurement })).readonly(),
  verdict: z.enum(['passed', 'regressed', 'inconclusive', 'invalid']),
  reasons: texts,
  notMeasured: z
    .array(z.object({ metric, reason: z.string() }))
    .readonly()
    .exactOptional(),
})
