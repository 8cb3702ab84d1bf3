import { parseHandle } from '../../src/identifier/handle.ts'
import { encodeRecord } from '../../src/identifier/record-encoding.ts'
import { valuesFromJson } from '../../src/identifier/value-input.ts'
import { createPrng, deriveSeed } from '../../src/support/prng.ts'
import { createRecordGenerator, type RecordGeneratorOptions } from '../workload/record-generator.ts'
import { openLoadedStore } from './open-store.ts'

/** What reading records back through the node's engine found. */
export type SampleRead = {
  readonly sampled: number
  readonly sampledWrong: number
  readonly firstWrong: string | undefined
}

const sampleStream = 0x5b

/** Opens the store as a node would and compares counts and a seeded sample with what was to be loaded. */
export async function readSample(options: {
  readonly directory: string
  readonly identifiers: number
  readonly records: RecordGeneratorOptions
  readonly timestampSeconds: number
  readonly sample: number
}): Promise<SampleRead> {
  const { directory, identifiers, records, timestampSeconds, sample } = options
  const generator = createRecordGenerator(records)
  const prng = createPrng(deriveSeed(records.seed, sampleStream))
  const store = await openLoadedStore(directory)
  const wrong: string[] = []
  try {
    // Besides the records that were loaded there is the administrator's.
    const counted = store.count(records.prefix) - 1
    if (counted !== identifiers) wrong.push(`the store counts ${counted} records, not ${identifiers}`)
    for (let drawn = 0; drawn < sample; drawn++) {
      const { handle, valuesJson } = generator.recordOf(prng.nextBelow(identifiers), 0)
      const values = valuesFromJson(JSON.parse(valuesJson), timestampSeconds)
      const found = store.get(parseHandle(handle).key)
      if (found === undefined) wrong.push(`${handle} is missing`)
      else if (!encodeRecord({ handle, values }).equals(found)) wrong.push(`${handle} is not as generated`)
    }
  } finally {
    await store.close()
  }
  return { sampled: sample, sampledWrong: wrong.length, firstWrong: wrong[0] }
}
