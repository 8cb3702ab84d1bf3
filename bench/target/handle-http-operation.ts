import { type Operation, type OperationResult, ordinalsOf } from '../workload/operation.ts'
import type { RecordGenerator } from '../workload/record-generator.ts'
import { refusalOf, verifyResolution } from '../workload/verify.ts'
import { bulkBody, bulkPath, readBulkAnswer } from './bulk-registration.ts'
import { handlePath } from './handle-path.ts'
import type { HttpAnswer, HttpRequest } from './http-exchange.ts'
import { TargetError } from './target-error.ts'

type Requested = {
  readonly operation: Operation
  readonly generator: RecordGenerator
  /** The Basic header that writes carry; without it the server will refuse them. */
  readonly authorization: string | undefined
}

/** An operation as the Handle HTTP JSON API asks it. */
export function requestOf({ operation, generator, authorization }: Requested): HttpRequest {
  const { kind, ordinal, revision } = operation
  switch (kind) {
    case 'resolve':
      return { method: 'GET', path: handlePath(generator.handleOf(ordinal)) }
    case 'resolve-type': {
      const type = encodeURIComponent(generator.askedTypeOf(ordinal))
      return { method: 'GET', path: `${handlePath(generator.handleOf(ordinal))}?type=${type}` }
    }
    case 'resolve-index':
      return {
        method: 'GET',
        path: `${handlePath(generator.handleOf(ordinal))}?index=${generator.askedIndexOf(ordinal)}`,
      }
    case 'absent':
      return { method: 'GET', path: handlePath(generator.absentHandleOf(ordinal)) }
    case 'register': {
      const { handle, valuesJson } = generator.recordOf(ordinal, revision)
      return writing(
        'PUT',
        `${handlePath(handle)}?overwrite=false`,
        authorization,
        `{"values":${valuesJson}}`,
      )
    }
    case 'bulk': {
      const records = ordinalsOf(operation).map((registered) => generator.recordOf(registered, revision))
      const path = `${bulkPath}?overwrite=false`
      return writing('POST', path, authorization, bulkBody(records), 'application/x-ndjson')
    }
    case 'value-add':
    case 'value-put': {
      const { indexes, valuesJson } = generator.changedValuesOf(ordinal, revision)
      const overwrite = kind === 'value-put'
      const path = `${handlePath(generator.handleOf(ordinal))}?${indexQuery(indexes)}&overwrite=${overwrite}`
      return writing('PUT', path, authorization, `{"values":${valuesJson}}`)
    }
    case 'value-delete': {
      const { indexes } = generator.changedValuesOf(ordinal, revision)
      return writing(
        'DELETE',
        `${handlePath(generator.handleOf(ordinal))}?${indexQuery(indexes)}`,
        authorization,
      )
    }
    case 'delete':
      return writing('DELETE', handlePath(generator.handleOf(ordinal)), authorization)
    case 'list':
      return writing('GET', listPath(prefixOf(generator.handleOf(ordinal)), ordinal), authorization)
  }
}

/** What came of an operation, by its answer and what the generator knows. */
export function checkAnswer(
  { operation, generator }: Omit<Requested, 'authorization'>,
  answer: HttpAnswer,
): OperationResult {
  const bodyText = answer.body.toString('utf8')
  switch (operation.kind) {
    case 'resolve':
    case 'resolve-type':
    case 'resolve-index':
    case 'absent':
      return verifyResolution({ generator, operation, status: answer.status, bodyText })
    case 'bulk':
      return verifyBulk({ operation, generator }, answer.status, bodyText)
    case 'register':
    case 'value-add':
    case 'value-put':
    case 'value-delete':
    case 'delete':
      return verifyWrite(generator.handleOf(operation.ordinal), answer.status, bodyText)
    case 'list':
      return verifyList(prefixOf(generator.handleOf(operation.ordinal)), answer.status, bodyText)
  }
}

/** An answer that refuses what was asked, as an error. */
export function refusal(answer: HttpAnswer, request: string): TargetError {
  const text = answer.body.toString('utf8', 0, 300)
  const retryAfterSeconds = Number(answer.headers['retry-after'])
  const code = answer.status === 503 ? 'BUSY' : answer.status < 500 ? 'REFUSED' : 'PROTOCOL'
  const message = `${request} was answered ${answer.status}: ${text}`
  return new TargetError(code, message, Number.isFinite(retryAfterSeconds) ? { retryAfterSeconds } : {})
}

function prefixOf(handle: string): string {
  return handle.slice(0, handle.indexOf('/'))
}

/** A batch succeeded when each of its identifiers is said to be registered, in the order sent. */
function verifyBulk(
  { operation, generator }: Omit<Requested, 'authorization'>,
  status: number,
  bodyText: string,
): OperationResult {
  if (status !== 200) return refusalOf(status, bodyText) ?? { outcome: 'error', detail: `HTTP ${status}` }
  const records = ordinalsOf(operation).map((ordinal) => generator.recordOf(ordinal, operation.revision))
  try {
    const { failed, firstFailure } = readBulkAnswer(bodyText, records)
    return failed === 0
      ? { outcome: 'ok' }
      : { outcome: 'refused', detail: `${failed} of ${records.length}: ${firstFailure}` }
  } catch (error) {
    if (!(error instanceof TargetError)) throw error
    return { outcome: 'wrong', detail: `a batch of ${records.length}: ${error.message}` }
  }
}

/** A write succeeded when it says so of the handle that was meant; a handle that it does not find is a wrong answer. */
function verifyWrite(handle: string, status: number, bodyText: string): OperationResult {
  if (status === 503 || (status !== 404 && status >= 300)) {
    return refusalOf(status, bodyText) ?? { outcome: 'error', detail: `HTTP ${status}` }
  }
  // The shortest honest answer, compared as text before it is parsed.
  if (status < 300 && bodyText === `{"responseCode":1,"handle":${JSON.stringify(handle)}}`)
    return { outcome: 'ok' }
  const problem = status === 404 ? 'is not found, though it is registered' : writeProblem(handle, bodyText)
  return problem === undefined
    ? { outcome: 'ok' }
    : { outcome: 'wrong', detail: `${handle} ${problem}; answer: ${bodyText.slice(0, 400)}` }
}

function writeProblem(handle: string, bodyText: string): string | undefined {
  let body: { readonly responseCode?: unknown; readonly handle?: unknown }
  try {
    body = JSON.parse(bodyText) ?? {}
  } catch (error) {
    if (error instanceof SyntaxError) return 'was answered with something that is not JSON'
    throw error
  }
  if (body.responseCode !== 1) return `was answered with responseCode ${String(body.responseCode)}`
  if (body.handle !== handle) return `was answered for ${String(body.handle)}`
  return undefined
}

/** A request that carries credentials, which listing asks for as writes do. */
function writing(
  method: 'GET' | 'PUT' | 'POST' | 'DELETE',
  path: string,
  authorization: string | undefined,
  body?: string,
  contentType = 'application/json',
): HttpRequest {
  const headers: Record<string, string> = {}
  if (authorization !== undefined) headers.authorization = authorization
  if (body === undefined) return { method, path, headers }
  headers['content-type'] = contentType
  return { method, path, headers, body }
}

const listPageHandles = 50
// Pages far in cost a server what a reader would never ask for: it reads all that lie before.
const listPagesMax = 20

function listPath(prefix: string, ordinal: number): string {
  const page = ordinal % listPagesMax
  return `/api/handles?prefix=${encodeURIComponent(prefix)}&page=${page}&pageSize=${listPageHandles}`
}

/** A page is right when it holds handles of the prefix only, and no more than were asked for. */
function verifyList(prefix: string, status: number, bodyText: string): OperationResult {
  if (status !== 200) return refusalOf(status, bodyText) ?? { outcome: 'error', detail: `HTTP ${status}` }
  let handles: unknown
  try {
    handles = (JSON.parse(bodyText) as { readonly handles?: unknown } | null)?.handles
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  const start = `${prefix}/`.toUpperCase()
  const isRight =
    Array.isArray(handles) &&
    handles.length <= listPageHandles &&
    handles.every((handle) => typeof handle === 'string' && handle.toUpperCase().startsWith(start))
  if (isRight) return { outcome: 'ok' }
  return { outcome: 'wrong', detail: `a list of ${prefix} holds something else: ${bodyText.slice(0, 400)}` }
}

function indexQuery(indexes: readonly number[]): string {
  return indexes.map((index) => `index=${index}`).join('&')
}
