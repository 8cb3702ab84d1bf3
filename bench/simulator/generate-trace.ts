import { createPrng, deriveSeed } from '../../src/support/prng.ts'
import { type DistributionName, distributions } from '../workload/distributions/index.ts'
import { createPermutation } from '../workload/distributions/permutation.ts'
import type { DenseTrace } from '../workload/traces/dense-trace.ts'
import type { StoredTrace } from '../workload/traces/stored-trace.ts'
import { TraceColumns } from '../workload/traces/trace-columns.ts'

export type GenerateOptions = {
  readonly distribution: DistributionName
  readonly exponent: number
  readonly requests: number
  readonly objects: number
  readonly seed: number
}

/** Draws a trace into memory; popular ranks are scattered over the objects one to one, so that a popular object has no small number. */
export function generateTrace(options: GenerateOptions): DenseTrace {
  return drawInto(options, {}).finish()
}

/** The same of any length: beyond `requestsInMemory` its columns go to files, which are the caller's to delete. */
export function generateStoredTrace(
  options: GenerateOptions,
  memory: { readonly requestsInMemory: number },
): StoredTrace {
  return drawInto(options, memory).finishStored()
}

function drawInto(options: GenerateOptions, memory: { readonly requestsInMemory?: number }): TraceColumns {
  const { requests, objects, seed, exponent } = options
  const prng = createPrng(deriveSeed(seed, 0))
  const distribution = distributions[options.distribution]({ items: objects, prng, exponent })
  const permute = createPermutation({ items: objects, seed: deriveSeed(seed, 1) })
  const columns = new TraceColumns({
    sizes: false,
    times: false,
    ttls: false,
    requestsHint: requests,
    ...memory,
  })
  const isRank = distribution.order === 'popularity'
  for (let request = 0; request < requests; request++) {
    const drawn = distribution.next()
    columns.add(isRank ? permute(drawn) : drawn, 0, 1, 0, 0)
  }
  return columns
}
