import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { HandleError } from '../errors.ts'
import { type Handle, parseHandle } from '../identifier/handle.ts'
import { isObject } from '../identifier/input-fields.ts'
import type { HandleValue } from '../identifier/value.ts'
import { valueFromJson, valuesFromJson } from '../identifier/value-input.ts'
import type { Node } from '../node.ts'
import { publicBodyFor, type ResolvedRecord } from '../resolved-record.ts'
import { nowSeconds } from '../support/clock.ts'
import type { MaybePromise } from '../support/maybe-promise.ts'
import { absentCacheControl, publicCacheControl, sendPublicAnswer } from './conditional.ts'
import { jsonContentType } from './error-answers.ts'
import { referOr } from './referral-answer.ts'
import {
  bodyParameters,
  booleanParameter,
  handleTextFromUrl,
  indexParameters,
  jsonBody,
  malformed,
  type Parameters,
  queryParameters,
} from './request-parameters.ts'
import { answerResolution, notFoundBody } from './resolution-answer.ts'
import { handleRouteSchemas } from './schemas.ts'

/** The path under which a handle's record is read and written. */
const pathPrefix = '/api/handles/'

/** The route under which requests of these paths are counted. */
export const handleRoute = `${pathPrefix}*`

/** `/api/handles/{handle}`: the Handle HTTP JSON API over one record. */
export function registerHandleRoutes(routes: FastifyInstance, node: Node): void {
  const path = handleRoute
  routes.get(path, { schema: handleRouteSchemas.get }, (request, reply) => {
    const handle = parseAsked(request, node)
    // The whole public record by its own spelling is what nearly everyone asks for: ready bytes, no parameters.
    if (!request.url.includes('?') && request.headers.authorization === undefined) {
      return answerWhole({ handle, request, reply, node })
    }
    return answerResolution({ handle, parameters: queryParameters(request.url), request, reply, node })
  })
  routes.post(path, { schema: handleRouteSchemas.post }, (request, reply) => {
    const handle = parseAsked(request, node)
    return answerResolution({ handle, parameters: bodyParameters(request), request, reply, node })
  })
  routes.put(path, { schema: handleRouteSchemas.put }, (request, reply) => put(request, reply, node))
  routes.delete(path, { schema: handleRouteSchemas.delete }, (request, reply) => remove(request, reply, node))
  routes.options(path, { schema: handleRouteSchemas.options }, (_request, reply) =>
    reply.code(204).header('allow', 'GET, HEAD, POST, PUT, DELETE, OPTIONS').send(),
  )
}

type AskedWhole = {
  readonly handle: Handle
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly node: Node
}

/** Returns a promise only where the store does: an embedded one is answered in this turn. */
function answerWhole(asked: AskedWhole): Promise<FastifyReply> | undefined {
  let found: MaybePromise<ResolvedRecord | undefined>
  try {
    found = asked.node.resolver.resolve(asked.handle, { authoritative: false, recurse: true })
  } catch (error) {
    return referOr(error, asked)
  }
  if (found instanceof Promise) return found.then((resolved) => sendWhole(resolved, asked))
  void sendWhole(found, asked)
  return undefined
}

function sendWhole(resolved: ResolvedRecord | undefined, asked: AskedWhole): FastifyReply {
  const { handle, request, reply, node } = asked
  if (resolved === undefined) {
    void reply.code(404).type(jsonContentType).header('cache-control', absentCacheControl)
    return reply.send(notFoundBody(handle.text))
  }
  const body = publicBodyFor(resolved, handle.text)
  const cacheControl = publicCacheControl(resolved, nowSeconds(node.clock))
  return sendPublicAnswer(request, reply, { resolved, body, cacheControl })
}

async function put(request: FastifyRequest, reply: FastifyReply, node: Node): Promise<FastifyReply> {
  const parameters = queryParameters(request.url)
  if (booleanParameter(parameters, 'mintNewSuffix', false)) return mint(request, reply, node)
  const handle = parseAsked(request, node)
  const identity = await authenticated(request, node)
  const overwrite = booleanParameter(parameters, 'overwrite', true)
  const values = putValues(jsonBody(request), handle, nowSeconds(node.clock))
  const selection = selectedIndexes(parameters)
  if (selection === undefined) {
    const outcome = await node.registrar.register({ handle, values }, { identity, overwrite })
    return acknowledge(reply, handle, outcome === 'created' ? 201 : 200)
  }
  if (selection !== 'various') assertSameIndexes(selection, values)
  const { replacedAny } = await node.registrar.putValues({ handle, values }, { identity, overwrite })
  return acknowledge(reply, handle, replacedAny ? 200 : 201)
}

async function mint(request: FastifyRequest, reply: FastifyReply, node: Node): Promise<FastifyReply> {
  const identity = await authenticated(request, node)
  const start = handleTextFromUrl(request.url, pathPrefix)
  const base = start.includes('/') ? start : `${start}/`
  const values = putValues(jsonBody(request), undefined, nowSeconds(node.clock))
  const minted = await node.registrar.mint(
    { handle: (suffix) => parseHandle(base + suffix, node.config), values },
    { identity },
  )
  return acknowledge(reply, minted, 201)
}

async function remove(request: FastifyRequest, reply: FastifyReply, node: Node): Promise<FastifyReply> {
  const parameters = queryParameters(request.url)
  const handle = parseAsked(request, node)
  const identity = await authenticated(request, node)
  const indexes = indexParameters(parameters)
  if (indexes.length === 0) await node.registrar.remove(handle, { identity })
  else await node.registrar.removeValues(handle, indexes, { identity })
  return acknowledge(reply, handle, 200)
}

function parseAsked(request: FastifyRequest, node: Node): Handle {
  const text = handleTextFromUrl(request.url, pathPrefix)
  if (text === '') throw new HandleError('INVALID_HANDLE', 'Empty handle invalid')
  request.askedHandle = text
  // The reference server takes text without a slash for a prefix, and none of those lives here.
  if (!text.includes('/')) {
    throw new HandleError(
      'NOT_RESPONSIBLE',
      `"${text}" is not of a prefix of this node; expected prefix/suffix`,
    )
  }
  return parseHandle(text, node.config)
}

function authenticated(request: FastifyRequest, node: Node) {
  return node.authenticator.authenticate(request.headers.authorization)
}

function acknowledge(reply: FastifyReply, handle: Handle, status: number): FastifyReply {
  return reply
    .code(status)
    .type(jsonContentType)
    .send(`{"responseCode":1,"handle":${JSON.stringify(handle.text)}}`)
}

/** The values of a PUT body: an array, an object with `values`, or one value alone. */
function putValues(
  body: unknown,
  handle: Handle | undefined,
  timestampSeconds: number,
): readonly HandleValue[] {
  if (Array.isArray(body)) return valuesFromJson(body, timestampSeconds)
  if (!isObject(body))
    throw malformed('body', JSON.stringify(body), 'an array of values or an object with "values"')
  if (body.values === undefined) return [valueFromJson(body, 'body', timestampSeconds)]
  if (handle !== undefined && body.handle !== undefined && !isSameHandle(body.handle, handle)) {
    throw malformed('handle of the body', String(body.handle), `"${handle.text}" as in the path, or none`)
  }
  return valuesFromJson(body.values, timestampSeconds)
}

function isSameHandle(text: unknown, handle: Handle): boolean {
  return typeof text === 'string' && parseHandle(text).key === handle.key
}

/** The indexes that a PUT names: undefined for the whole record, `various` for whatever the body holds. */
function selectedIndexes(parameters: Parameters): readonly number[] | 'various' | undefined {
  const given = parameters.get('index')
  if (given === undefined) return undefined
  return given.length === 1 && given[0] === 'various' ? 'various' : indexParameters(parameters)
}

function assertSameIndexes(selection: readonly number[], values: readonly HandleValue[]): void {
  const asked = [...new Set(selection)].sort((left, right) => left - right).join()
  const found = values
    .map((value) => value.index)
    .sort((left, right) => left - right)
    .join()
  if (asked === found) return
  throw new HandleError(
    'MALFORMED_REQUEST',
    `index names ${asked}; expected the indexes of the body, which are ${found}`,
  )
}
