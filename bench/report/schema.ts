import { z } from 'zod'
import { operationKinds, outcomes } from '../workload/operation.ts'
import { type Report, reportSchemaVersion } from './report.ts'

/**
 * The shape of a report as data, for checking a file and for publishing as JSON Schema. `report.ts` is the source: the
 * last lines of this file stop compiling when the two differ. Unknown fields are let through, because a field added
 * later does not raise the version.
 */

const count = z.int().nonnegative()
const amount = z.number().nonnegative()
const nanoseconds = z.number().nonnegative()
const instant = z.iso.datetime()
const texts = z.array(z.string()).readonly()

const histogram = z
  .object({
    count,
    meanNs: nanoseconds,
    minNs: nanoseconds,
    p50Ns: nanoseconds,
    p90Ns: nanoseconds,
    p99Ns: nanoseconds,
    p999Ns: nanoseconds,
    maxNs: nanoseconds,
    encoded: z.base64(),
  })
  .meta({ description: 'Nanoseconds; `encoded` is the HdrHistogram V2 compressed form in base64.' })

const timelinePoint = z.object({
  atSeconds: amount,
  offered: amount,
  completed: amount,
  failed: amount,
  p50Ns: nanoseconds,
  p99Ns: nanoseconds,
  maxNs: nanoseconds,
  encoded: z.base64().exactOptional(),
})
const hostPoint = z.object({
  atSeconds: amount,
  machineCores: amount.exactOptional(),
  nodeCores: amount.exactOptional(),
  nodeResidentBytes: amount.exactOptional(),
  generatorLoopDelayNs: nanoseconds,
  hitRatio: z.number().min(0).max(1).exactOptional(),
})
const timeline = z.array(timelinePoint).readonly()

const phaseBase = {
  name: z.string(),
  startedAt: instant,
  durationSeconds: amount,
  valid: z.boolean(),
  invalidBecause: texts,
  harnessCpuSeconds: amount,
  nodeCpuSeconds: amount.exactOptional(),
  nodeWaitedSeconds: amount.exactOptional(),
  nodeResidentBytes: amount.exactOptional(),
  machineCpuSeconds: amount.exactOptional(),
}

const loadPhase = z.object({
  ...phaseBase,
  kind: z.literal('load'),
  identifiers: count,
  created: count,
  identical: count,
  failed: count,
  registeredPerSecond: amount,
  generatedJsonBytesPerRecord: amount,
  storeBytesPerRecord: amount.exactOptional(),
  sampled: count,
  sampledWrong: count,
  batchServiceTime: histogram,
  timeline,
})

const operationMeasurement = z.object({
  operation: z.enum(operationKinds),
  outcome: z.enum(outcomes),
  count,
  afterEnd: count.exactOptional(),
  latency: histogram,
  serviceTime: histogram,
})

const droppedOperations = z.object({ operation: z.enum(operationKinds), count })

const faultEffect = z.object({
  kind: z.string(),
  fromSeconds: amount,
  untilSeconds: amount,
  observed: z.boolean().exactOptional(),
  lowestServedShare: z.number().min(0).max(1).exactOptional(),
  worstP99Ns: nanoseconds.exactOptional(),
  recoveredAfterSeconds: amount.exactOptional(),
})

const driven = {
  ...phaseBase,
  workload: z.string(),
  offeredPerSecond: amount,
  due: count,
  sent: count,
  dropped: count,
  droppedOperations: z.array(droppedOperations).readonly().exactOptional(),
  achievedPerSecond: amount,
  drainSeconds: amount.exactOptional(),
  schedulingLateness: histogram,
  operations: z.array(operationMeasurement).readonly(),
  wrongExamples: texts,
  errorExamples: texts,
  timeline,
  cache: z
    .object({
      hits: count,
      misses: count,
      negativeHits: count,
      hitRatio: z.number().min(0).max(1),
    })
    .exactOptional(),
  transport: z
    .object({ requests: count, retries: count, unanswered: count, clientCacheHits: count.exactOptional() })
    .exactOptional(),
  host: z.array(hostPoint).readonly().exactOptional(),
  faults: z.array(faultEffect).readonly().exactOptional(),
  acknowledged: z.object({ checked: count, lost: count, unread: count.exactOptional() }).exactOptional(),
  errorBudget: z
    .object({ allowedShare: z.number().min(0).max(1), failed: count, spentShare: amount })
    .exactOptional(),
}

const openLoopPhase = z.object({ ...driven, kind: z.literal('open-loop') })

const closedLoopPhase = z.object({
  ...driven,
  kind: z.literal('closed-loop'),
  closedLoop: z.object({ clients: count, thinkSeconds: amount }),
})

const ceilingPhase = z.object({
  ...phaseBase,
  kind: z.literal('ceiling'),
  tool: z.string(),
  connections: count,
  requestsPerSecond: amount,
  errors: count,
  latencyMs: z.object({ p50: amount, p99: amount, max: amount }),
})

export const environment = z.object({
  cpuModel: z.string(),
  logicalCores: count,
  memoryBytes: count,
  kernel: z.string(),
  runtime: z.string(),
  commit: z.string().exactOptional(),
  harnessVersion: z.string(),
})

const calibration = z.object({
  generatorPerSecond: amount,
  echoPerSecond: amount.exactOptional(),
  floorPerSecond: amount.exactOptional(),
  floorP50Ns: nanoseconds,
  floorP99Ns: nanoseconds,
  latenessP99Ns: nanoseconds,
  nearFloor: texts.exactOptional(),
})

export const targetDescription = z.object({
  url: z.string(),
  server: z.string().exactOptional(),
  version: z.string().exactOptional(),
  storeEngine: z.string().exactOptional(),
  durability: z.string().exactOptional(),
  cacheBytesMax: amount.exactOptional(),
  records: count.exactOptional(),
  storeBytes: amount.exactOptional(),
})

/** Checks that a value is a report of this version. */
export const reportSchema = z.object({
  schemaVersion: z.literal(reportSchemaVersion),
  startedAt: instant,
  finishedAt: instant,
  command: texts,
  config: z.record(z.string(), z.unknown()),
  seed: z.number(),
  environment,
  target: targetDescription,
  calibration: calibration.exactOptional(),
  phases: z
    .array(z.discriminatedUnion('kind', [loadPhase, openLoopPhase, closedLoopPhase, ceilingPhase]))
    .readonly(),
  verdict: z.object({ passed: z.boolean(), wrongAnswers: count, reasons: texts }),
})

/** The same as JSON Schema (draft 2020-12), for readers in other languages. */
export function reportJsonSchema(): Record<string, unknown> {
  return {
    title: 'erji benchmark report',
    description: 'The result of one benchmark run. Field names end in their unit.',
    ...z.toJSONSchema(reportSchema, { io: 'input', reused: 'inline' }),
  }
}

/** A type spelled out member by member, so that an intersection equals the object it describes. */
type Plain<Value> = Value extends readonly (infer Item)[]
  ? readonly Plain<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: Plain<Value[Key]> }
    : Value

type Same<Left, Right> =
  (<Any>() => Any extends Left ? 1 : 2) extends <Any>() => Any extends Right ? 1 : 2 ? true : false

// Assigning `true` fails to compile as soon as schema and type differ, even in one optional field.
true satisfies Same<Plain<z.infer<typeof reportSchema>>, Plain<Report>>
