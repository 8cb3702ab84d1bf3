import type { HandleRecord } from '../../src/identifier/value.ts'
import { valuesFromJson } from '../../src/identifier/value-input.ts'
import { createRecordGenerator } from '../workload/record-generator.ts'

// Enough records to differ in every branch, few enough to stay in the processor's cache.
const inputsCount = 256
// Far apart, so that all kinds of records occur.
const ordinalStep = 7919
const timestampSeconds = 1_700_000_000

/** The generator that every suite takes its inputs from. */
export const generator = createRecordGenerator({ seed: 42, prefix: '88.118' })

/** Which identifiers the inputs are. */
export const ordinals = Array.from({ length: inputsCount }, (_, index) => index * ordinalStep)

/** Handles as they come in requests. */
export const handles = ordinals.map((ordinal) => generator.handleOf(ordinal))

/** Records as they are encoded. */
export const records: readonly HandleRecord[] = ordinals.map((ordinal) => {
  const { handle, valuesJson } = generator.recordOf(ordinal, 0)
  return { handle, values: valuesFromJson(JSON.parse(valuesJson), timestampSeconds) }
})
