import { z } from 'zod'
import { environment, targetDescription } from '../report/schema.ts'
import { type CapacityResult, capacitySchemaVersion } from './capacity-result.ts'

const amount = z.number().nonnegative()
const texts = z.array(z.string()).readonly()
/** JSON leaves out what is undefined; the result holds it by name. */
const told = amount.optional()

const curvePoint = z.object({
  offeredPerSecond: amount,
  achievedPerSecond: amount,
  p50Ns: amount,
  p99Ns: amount,
  p999Ns: amount,
  failedShare: amount,
  met: z.boolean(),
  valid: z.boolean(),
  reasons: texts,
})
const curve = z.array(curvePoint).readonly()

const search = z
  .object({
    capacityPerSecond: told,
    limitedBy: z.enum(['generator', 'maximum', 'trials', 'interrupted']).optional(),
    trials: curve,
  })
  .transform(({ capacityPerSecond, limitedBy, trials }) => ({ capacityPerSecond, limitedBy, trials }))

const sizing = z
  .object({
    expectation: z.object({
      identifiers: amount,
      peakPerSecond: amount,
      growth: z.number(),
      years: amount,
    }),
    headroom: amount,
    nodes: amount,
    diskBytesPerNode: told,
    cacheBytesPerNode: told,
    basis: texts,
  })
  .transform(({ diskBytesPerNode, cacheBytesPerNode, ...advice }) => ({
    ...advice,
    diskBytesPerNode,
    cacheBytesPerNode,
  }))

/** The shape of a capacity in a file; fields that are not known are let through. */
export const capacitySchema: z.ZodType<CapacityResult> = z
  .object({
    capacitySchemaVersion: z.literal(capacitySchemaVersion),
    startedAt: z.string(),
    command: texts,
    config: z.record(z.string(), z.unknown()),
    seed: z.number(),
    environment,
    target: targetDescription,
    objective: z.string(),
    searches: z.array(search).readonly(),
    capacityPerSecond: told,
    spread: told,
    curve,
    kneePerSecond: told,
    sizing: sizing.exactOptional(),
  })
  .transform(({ capacityPerSecond, spread, kneePerSecond, ...result }) => ({
    ...result,
    capacityPerSecond,
    spread,
    kneePerSecond,
  }))
