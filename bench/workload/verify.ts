import { isDeepStrictEqual } from 'node:util'
import type { Operation, OperationResult } from './operation.ts'
import type { RecordGenerator } from './record-generator.ts'

/** What came back on a resolution, and what is known of the identifier. */
export type ResolutionAnswer = {
  readonly generator: RecordGenerator
  readonly operation: Operation
  readonly status: number
  readonly bodyText: string
}

/**
 * Compares an answer with what the generator knows to be true: status, response code, the handle as it was asked, and
 * each value's index, type, data and TTL. Timestamps are the node's own. Pure, so that any target can use it.
 */
export function verifyResolution(answer: ResolutionAnswer): OperationResult {
  const { operation, generator, status, bodyText } = answer
  const refusal = refusalOf(status, bodyText)
  if (refusal !== undefined) return refusal
  if (operation.kind === 'absent') return verifyAbsent(answer)
  const record = generator.recordOf(operation.ordinal, operation.revision)
  const plain = operation.kind === 'resolve' && status === 200
  if (plain && isExpectedText(bodyText, record.handle, record.valuesJson)) return ok
  return verifyValues(answer, record.handle, asked(answer, JSON.parse(record.valuesJson)))
}

/** A status that says the node did not answer the question, which is not the same as a wrong answer; undefined otherwise. */
export function refusalOf(status: number, bodyText: string): OperationResult | undefined {
  if (status === 200 || status === 201 || status === 404) return undefined
  const detail = `HTTP ${status}: ${shown(bodyText)}`
  if (status === 503) return { outcome: 'busy', detail }
  return { outcome: status >= 400 && status < 500 ? 'refused' : 'error', detail }
}

type ValueJson = { index?: unknown; type?: unknown; data?: unknown; ttl?: unknown }
type AnswerJson = { responseCode?: unknown; handle?: unknown; values?: unknown }

const ok: OperationResult = { outcome: 'ok' }
const defaultTtlSeconds = 86_400
const valuesNotFound = 200
const handleNotFound = 100
// Neither pattern can match inside a JSON string, where quotes are escaped.
const ignoredMembers = /,"timestamp":"[^"]*"|,"ttl":86400(?=[,}])/g

/** The whole answer in one comparison of text, several times cheaper than parsing: nearly every answer ends here. */
function isExpectedText(bodyText: string, handle: string, valuesJson: string): boolean {
  const expected = `{"responseCode":1,"handle":${JSON.stringify(handle)},"values":${valuesJson}}`
  return bodyText.replace(ignoredMembers, '') === expected
}

function verifyAbsent({ generator, operation, status, bodyText }: ResolutionAnswer): OperationResult {
  const handle = generator.absentHandleOf(operation.ordinal)
  const body = parseObject(bodyText)
  if (status !== 404) return wrong(handle, `HTTP ${status} for a handle that was never registered`, bodyText)
  if (body === undefined) return wrong(handle, 'not a JSON object', bodyText)
  if (body.responseCode !== handleNotFound)
    return wrong(handle, `responseCode ${body.responseCode}, not 100`, bodyText)
  if (body.handle !== handle) return wrong(handle, `handle ${JSON.stringify(body.handle)}`, bodyText)
  return ok
}

function verifyValues(
  answer: ResolutionAnswer,
  handle: string,
  expected: readonly ValueJson[],
): OperationResult {
  const { status, bodyText } = answer
  const body = parseObject(bodyText)
  if (status !== 200) return wrong(handle, `HTTP ${status} for a registered handle`, bodyText)
  if (body === undefined) return wrong(handle, 'not a JSON object', bodyText)
  const responseCode = expected.length === 0 ? valuesNotFound : 1
  if (body.responseCode !== responseCode) {
    return wrong(handle, `responseCode ${body.responseCode}, not ${responseCode}`, bodyText)
  }
  if (body.handle !== handle) return wrong(handle, `handle ${JSON.stringify(body.handle)}`, bodyText)
  const problem = differenceOf(answer, expected, body.values)
  return problem === undefined ? ok : wrong(handle, problem, bodyText)
}

function asked(
  { operation, generator }: ResolutionAnswer,
  values: readonly ValueJson[],
): readonly ValueJson[] {
  if (operation.kind === 'resolve-type') {
    const type = generator.askedTypeOf(operation.ordinal)
    return values.filter((value) => value.type === type)
  }
  if (operation.kind === 'resolve-index') {
    const index = generator.askedIndexOf(operation.ordinal)
    return values.filter((value) => value.index === index)
  }
  return values
}

function differenceOf(
  { generator, operation }: ResolutionAnswer,
  expected: readonly ValueJson[],
  answered: unknown,
): string | undefined {
  if (!Array.isArray(answered) || !answered.every(isObject)) return 'values is not an array of objects'
  const unmatched = new Map<unknown, ValueJson>()
  for (const value of answered as ValueJson[]) {
    if (unmatched.has(value.index)) return `index ${value.index} twice`
    unmatched.set(value.index, value)
  }
  for (const value of expected) {
    const other = unmatched.get(value.index)
    if (other === undefined) return `value ${value.index} is missing`
    if (other.type !== value.type) return `value ${value.index} has type ${other.type}, not ${value.type}`
    if (!isDeepStrictEqual(other.data, value.data)) return `value ${value.index} has other data`
    const ttlSeconds = value.ttl ?? defaultTtlSeconds
    if ((other.ttl ?? defaultTtlSeconds) !== ttlSeconds)
      return `value ${value.index} has ttl ${other.ttl}, not ${ttlSeconds}`
    unmatched.delete(value.index)
  }
  for (const extra of unmatched.values()) {
    const tolerated =
      generator.toleratesAddedAdmin && extra.type === 'HS_ADMIN' && operation.kind === 'resolve'
    if (!tolerated) return `value ${extra.index} was never written`
  }
  return undefined
}

function parseObject(text: string): AnswerJson | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return isObject(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wrong(handle: string, problem: string, bodyText: string): OperationResult {
  return { outcome: 'wrong', detail: `${handle}: ${problem}; answer: ${shown(bodyText)}` }
}

function shown(text: string): string {
  return text.length > 400 ? `${text.slice(0, 400)}…` : text
}
