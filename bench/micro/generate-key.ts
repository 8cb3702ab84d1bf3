import { createPrng } from '../../src/support/prng.ts'
import { createPermutation } from '../workload/distributions/permutation.ts'
import { Zipfian } from '../workload/distributions/zipfian.ts'
import { generator, ordinals } from './inputs.ts'
import { type MicroSuite, taskOver } from './suite.ts'

// The size of the largest secondary node planned for.
const items = 500_000_000

/** What the harness does for each operation: draw a rank, spread it, make handle and record. */
export const generateKeySuite: MicroSuite = () => {
  const zipfian = new Zipfian({ items, prng: createPrng(42), exponent: 0.99 })
  const permute = createPermutation({ items, seed: 42 })
  return [
    taskOver('draw a key of 500 million by Zipf', ordinals, () => permute(zipfian.next())),
    taskOver('make a handle', ordinals, (ordinal) => generator.handleOf(ordinal).length),
    taskOver('make a record', ordinals, (ordinal) => generator.recordOf(ordinal, 0).valuesJson.length),
  ]
}
