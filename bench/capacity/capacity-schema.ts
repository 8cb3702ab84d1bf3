import { z } from 'zod'
import { environment, targetDescription } from '../report/schema.ts'
import { type CapacityResult, capacitySchemaVersion } from './capacity-result.ts'

const amount = z.number().nonnegative()
const texts = z.array(z.string()).readonly()
/** JSON leaves out what is undefined; the result holds it by name. */
const told = amount.optional()

const curvePoint = z.looseObject({
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
  .looseObject({
    capacityPerSecond: told,
    limitedBy: z.enum(['generator', 'maximum', 'trials', 'interrupted', 'target']).optional(),
    trials: curve,
  })
  .transform(({ capacityPerSecond, limitedBy, ...search }) => ({ ...search, capacityPerSecond, limitedBy }))

const sizing = z
  .object({
    expectation: z.object({
      identifiers: amount,
      peakPerSecond: amount,
      growth: z.number(),
      years: amount,
    }),
    headroom: amount,
    nodes: told,
    diskBytesPerNode: told,
    cacheBytesPerNode: told,
    basis: texts,
  })
  .transform(({ nodes, diskBytesPerNode, cacheBytesPerNode, ...advice }) => ({
    ...advice,
    nodes,
    diskBytesPerNode,
    cacheBytesPerNode,
  }))

/** The shape of a capacity in a file; fields that are not known are let through. */
export const capacitySchema: z.ZodType<CapacityResult> = z
  .looseObject({
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
