import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Identity } from '../authenticator.ts'
import { isObject } from '../identifier/input-fields.ts'
import type { Node } from '../node.ts'
import { exportedFromJson, exportedLine } from '../prefixes/exported-prefix.ts'
import { nameOf } from '../prefixes/prefix-change.ts'
import { prefixFrom } from '../prefixes/prefix-queries.ts'
import {
  type PrefixAction,
  type PrefixState,
  type PrefixStateName,
  prefixActions,
  prefixStates,
} from '../prefixes/prefix-state.ts'
import { nowSeconds } from '../support/clock.ts'
import { jsonContentType } from './error-answers.ts'
import { prefixRouteSchemas } from './prefix-schemas.ts'
import {
  handleTextFromUrl,
  integerParameter,
  jsonBody,
  malformed,
  queryParameters,
  textParameter,
} from './request-parameters.ts'

const path = '/api/prefixes'
const ndjsonContentType = 'application/x-ndjson;charset=UTF-8'

/** `/api/prefixes`: applications for enterprise prefixes (企业前缀), their review, and what became of them. */
export function registerPrefixRoutes(routes: FastifyInstance, node: Node): void {
  routes.get(path, { schema: prefixRouteSchemas.list }, (request, reply) => list(request, reply, node))
  routes.get(`${path}/export`, { schema: prefixRouteSchemas.export }, (request, reply) =>
    exportAll(request, reply, node),
  )
  routes.get(`${path}/:prefix`, { schema: prefixRouteSchemas.show }, async (request, reply) =>
    answer(reply, await node.prefixQueries.show(prefixOf(request), await identityOf(request, node))),
  )
  routes.put(`${path}/:prefix`, { schema: prefixRouteSchemas.bring }, (request, reply) =>
    bring(request, reply, node),
  )
  routes.get(`${path}/:prefix/audit`, { schema: prefixRouteSchemas.audit }, async (request, reply) => {
    const entries = await node.prefixQueries.audit(prefixOf(request), await identityOf(request, node))
    return reply.type(jsonContentType).send(JSON.stringify({ responseCode: 1, entries }))
  })
  for (const action of prefixActions) {
    routes.post(`${path}/:prefix/${action}`, { schema: prefixRouteSchemas[action] }, (request, reply) =>
      take(action, { request, reply, node }),
    )
  }
}

async function take(
  action: PrefixAction,
  asked: { readonly request: FastifyRequest; readonly reply: FastifyReply; readonly node: Node },
): Promise<FastifyReply> {
  const { request, reply, node } = asked
  const identity = await identityOf(request, node)
  const body = request.body instanceof Buffer && request.body.length === 0 ? {} : jsonBody(request)
  if (!isObject(body)) throw malformed('body', JSON.stringify(body), 'a JSON object')
  const state = await node.prefixLife.take({
    action,
    prefix: prefixOf(request),
    identity,
    reason: textField(body, 'reason'),
    enterprise: textField(body, 'enterprise'),
    contact: textField(body, 'contact'),
    delegation: arrayField(body, 'values'),
  })
  return answer(reply, state)
}

const prefixesMax = 1000

async function list(request: FastifyRequest, reply: FastifyReply, node: Node): Promise<FastifyReply> {
  const identity = await identityOf(request, node)
  const parameters = queryParameters(request.url)
  const limit = integerParameter(parameters, 'limit', { least: 1, most: prefixesMax }) ?? prefixesMax
  const found = await node.prefixQueries.list(identity, {
    state: stateParameter(textParameter(parameters, 'state')),
    after: textParameter(parameters, 'after'),
    prefixesMax: limit,
  })
  const prefixes = found.prefixes.map(shown)
  const cursor = found.cursor === undefined ? {} : { cursor: found.cursor }
  return reply.type(jsonContentType).send(JSON.stringify({ responseCode: 1, prefixes, ...cursor }))
}

async function exportAll(request: FastifyRequest, reply: FastifyReply, node: Node): Promise<FastifyReply> {
  const identity = await identityOf(request, node)
  const lines = exportLines(node, identity)
  return reply.type(ndjsonContentType).send(Readable.from(lines, { objectMode: true, highWaterMark: 2 }))
}

async function* exportLines(node: Node, identity: Identity): AsyncGenerator<string> {
  for await (const exported of node.prefixQueries.exported(identity)) yield exportedLine(exported)
}

async function bring(request: FastifyRequest, reply: FastifyReply, node: Node): Promise<FastifyReply> {
  const identity = await identityOf(request, node)
  const prefix = prefixFrom(prefixOf(request))
  const body = jsonBody(request)
  if (!isObject(body)) throw malformed('body', JSON.stringify(body), 'a JSON object')
  const arriving = exportedFromJson(body, { prefix, atSeconds: nowSeconds(node.clock) })
  const status = await node.prefixLife.bring(arriving, identity)
  if (status !== 'exists-identical') {
    // Its steps were others', elsewhere: the trail names those, and only the log who brought it.
    const { state, revision } = arriving.state
    request.log.info({ prefix, state, revision, by: nameOf(identity), status }, 'prefix imported')
  }
  return reply.type(jsonContentType).send(JSON.stringify({ responseCode: 1, prefix, status }))
}

function answer(reply: FastifyReply, state: PrefixState): FastifyReply {
  return reply.type(jsonContentType).send(JSON.stringify({ responseCode: 1, ...shown(state) }))
}

/** Without what only the node itself needs. */
function shown({ keptRecord: _kept, pending: _pending, ...state }: PrefixState) {
  return state
}

function identityOf(request: FastifyRequest, node: Node): Promise<Identity> {
  return node.authenticator.authenticate(request.headers.authorization)
}

function prefixOf(request: FastifyRequest): string {
  const [prefix = ''] = handleTextFromUrl(request.url, `${path}/`).split('/')
  return prefix
}

function textField(body: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = body[name]
  if (value === undefined || typeof value === 'string') return value
  throw malformed(name, JSON.stringify(value), 'text')
}

function arrayField(body: Readonly<Record<string, unknown>>, name: string): readonly unknown[] | undefined {
  const value = body[name]
  if (value === undefined || Array.isArray(value)) return value
  throw malformed(name, JSON.stringify(value), 'an array of values')
}

function stateParameter(text: string | undefined): PrefixStateName | undefined {
  if (text === undefined) return undefined
  const state = prefixStates.find((name) => name === text)
  if (state === undefined) throw malformed('state', text, `one of ${prefixStates.join(', ')}`)
  return state
}
