import { HandleError } from '../errors.ts'
import { type Handle, parseHandle } from '../identifier/handle.ts'
import { encodeRecord } from '../identifier/record-encoding.ts'
import { valuesFromJson } from '../identifier/value-input.ts'
import type { BulkBatch, PrefixRun } from '../store/bulk-batch.ts'

/** Whole lines of NDJSON, and what a batch of them became. */
export type ParsedLines = {
  readonly batch: BulkBatch
  readonly lines: number
  /** Which line each record of the batch was, for those that are refused. */
  readonly lineOfRecord: Uint32Array
  readonly failures: readonly LineFailure[]
}

/** A line that holds no record that can be stored. */
export type LineFailure = { readonly line: number; readonly message: string }

/** Reads `{"handle","values"}` lines and encodes them as the store keeps records. */
export function parseLines(text: string, startSeconds: number): ParsedLines {
  const encoded: Buffer[] = []
  const lineOfRecord: number[] = []
  const failures: LineFailure[] = []
  const runs: { prefix: string; records: number }[] = []
  let lines = 0
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start)
    const end = newline < 0 ? text.length : newline
    const line = text.slice(start, end).trim()
    start = end + 1
    if (line !== '') {
      try {
        const { handle, record } = readLine(line, startSeconds)
        encoded.push(Buffer.from(handle.key), record)
        lineOfRecord.push(lines)
        const run = runs.at(-1)
        if (run?.prefix === handle.prefix) run.records++
        else runs.push({ prefix: handle.prefix, records: 1 })
      } catch (error) {
        if (!(error instanceof HandleError)) throw error
        failures.push({ line: lines, message: error.message })
      }
    }
    lines++
  }
  return { batch: toBatch(encoded, runs), lines, lineOfRecord: Uint32Array.from(lineOfRecord), failures }
}

function readLine(line: string, startSeconds: number): { handle: Handle; record: Buffer } {
  let item: unknown
  try {
    item = JSON.parse(line)
  } catch (cause) {
    throw new HandleError('MALFORMED_REQUEST', `the line is not JSON: ${(cause as Error).message}`, { cause })
  }
  if (typeof item !== 'object' || item === null) {
    throw new HandleError('MALFORMED_REQUEST', 'the line is not a JSON object')
  }
  const { handle: text, values } = item as Record<string, unknown>
  if (typeof text !== 'string') throw new HandleError('INVALID_HANDLE', 'handle is missing; expected text')
  const handle = parseHandle(text)
  return { handle, record: encodeRecord({ handle: text, values: valuesFromJson(values, startSeconds) }) }
}

/** Keys and records behind each other in one buffer of its own, fit to be transferred. */
function toBatch(encoded: readonly Buffer[], prefixes: readonly PrefixRun[]): BulkBatch {
  const ends = new Uint32Array(encoded.length)
  let length = 0
  encoded.forEach((part, index) => {
    length += part.length
    ends[index] = length
  })
  const bytes = new Uint8Array(length)
  for (const [index, part] of encoded.entries()) bytes.set(part, (ends[index] ?? 0) - part.length)
  return { bytes, ends, records: encoded.length / 2, prefixes }
}
