import { expect, test } from 'vitest'
import { bulkBody, readBulkAnswer } from '../../../bench/target/bulk-registration.ts'
import { createRecordGenerator } from '../../../bench/workload/record-generator.ts'

const generator = createRecordGenerator({ seed: 1, prefix: '88.118' })
const records = Array.from({ length: 50 }, (_, ordinal) => generator.recordOf(ordinal, 0))

test('the body is one line of JSON for each record', () => {
  const lines = bulkBody(records)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toEqual(records.map(({ handle, valuesJson }) => ({ handle, values: JSON.parse(valuesJson) })))
})

test('created, identical and failed items are counted, and the first failure is kept', () => {
  const answer = answerWith((index) => {
    if (index === 3) return { responseCode: 1, status: 'exists-identical' }
    if (index === 4)
      return { responseCode: 101, status: 'exists', message: 'the handle exists with another record' }
    if (index === 5) return { responseCode: 202, status: 'failed', message: 'bad value' }
    return undefined
  })
  expect(readBulkAnswer(answer, records)).toEqual({
    created: 47,
    identical: 1,
    failed: 2,
    firstFailure: `${records[4]?.handle}: responseCode 101, exists, the handle exists with another record`,
  })
})

test('members in another order are understood as well', () => {
  const answer = records
    .map(({ handle }) => JSON.stringify({ status: 'created', responseCode: 1, handle }))
    .join('\n')
  expect(readBulkAnswer(answer, records)).toEqual({ created: 50, identical: 0, failed: 0 })
})

test('an answer that is too short, too long or out of order is no answer', () => {
  const answer = answerWith(() => undefined)
  const lines = answer.trimEnd().split('\n')
  expect(() => readBulkAnswer(lines.slice(0, -1).join('\n'), records)).toThrow('shorter than the batch')
  expect(() => readBulkAnswer(`${answer}${lines[0]}\n`, records)).toThrow('more result lines')
  expect(() => readBulkAnswer(lines.toReversed().join('\n'), records)).toThrow('out of order')
  expect(() => readBulkAnswer(answer.replace('{', '<'), records)).toThrow('not JSON')
})

function answerWith(change: (index: number) => Record<string, unknown> | undefined): string {
  return records
    .map(
      ({ handle }, index) =>
        `${JSON.stringify({ handle, ...(change(index) ?? { responseCode: 1, status: 'created' }) })}\n`,
    )
    .join('')
}
