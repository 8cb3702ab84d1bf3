import type { GeneratedRecord } from '../workload/record-generator.ts'
import type { BatchResult } from './target.ts'
import { TargetError } from './target-error.ts'

/** Where a node takes batches, and says so to OPTIONS. */
export const bulkPath = '/api/registrations'

/** The body of a bulk registration: one line of JSON an item, made by joining text that is JSON already. */
export function bulkBody(records: readonly GeneratedRecord[]): string {
  let body = ''
  for (const record of records)
    body += `{"handle":${JSON.stringify(record.handle)},"values":${record.valuesJson}}\n`
  return body
}

/**
 * Reads the answer to a bulk registration: one line an item, in the order sent, each naming its handle. The line that
 * a success is expected to be is compared as text; only other lines are parsed, which keeps the harness off the
 * critical path of a load. `mayDiffer` tells which items earlier runs may have rewritten.
 */
export function readBulkAnswer(
  answer: string,
  records: readonly GeneratedRecord[],
  mayDiffer: (index: number) => boolean = () => false,
): BatchResult {
  let offset = 0
  let created = 0
  let identical = 0
  let failed = 0
  let firstFailure: string | undefined
  for (const [index, { handle }] of records.entries()) {
    const start = `{"handle":${JSON.stringify(handle)},"responseCode":1,"status":"created"`
    const end = answer.indexOf('\n', offset)
    const lineEnd = end === -1 ? answer.length : end
    if (answer.startsWith(start, offset)) created += 1
    else {
      const item = parseItem(answer.slice(offset, lineEnd), handle)
      if (item.responseCode === 1 && item.status === 'exists-identical') identical += 1
      else if (item.responseCode === 1) created += 1
      else if (item.responseCode === handleExists && mayDiffer(index)) identical += 1
      else {
        failed += 1
        firstFailure ??= `${handle}: responseCode ${item.responseCode}, ${item.status}${item.message ? `, ${item.message}` : ''}`
      }
    }
    offset = lineEnd + 1
  }
  if (answer.slice(offset).trim() !== '') {
    throw new TargetError('PROTOCOL', `more result lines than the ${records.length} items sent`)
  }
  return { created, identical, failed, ...(firstFailure === undefined ? {} : { firstFailure }) }
}

const handleExists = 101

type BulkItem = { readonly responseCode: number; readonly status: string; readonly message?: string }

function parseItem(line: string, handle: string): BulkItem {
  if (line === '')
    throw new TargetError('PROTOCOL', `no result line for ${handle}: the answer is shorter than the batch`)
  let item: BulkItem & { readonly handle?: unknown }
  try {
    item = JSON.parse(line)
  } catch (cause) {
    throw new TargetError('PROTOCOL', `a result line is not JSON: ${line.slice(0, 200)}`, { cause })
  }
  if (item.handle !== handle) {
    throw new TargetError(
      'PROTOCOL',
      `result lines are out of order: ${String(item.handle)} where ${handle} belongs`,
    )
  }
  return item
}
