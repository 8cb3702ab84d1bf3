import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { HandleError } from '../errors.ts'
import { foldAscii, parseHandle } from '../identifier/handle.ts'
import { recordHandle } from '../identifier/record-encoding.ts'
import type { Node } from '../node.ts'
import { jsonContentType } from './error-answers.ts'
import {
  integerParameter,
  malformed,
  type Parameters,
  queryParameters,
  textParameter,
} from './request-parameters.ts'
import { handleRouteSchemas } from './schemas.ts'

/** `GET /api/handles?prefix=P`: the handles under a prefix, in pages or after a cursor, never without a bound. */
export function registerListRoutes(routes: FastifyInstance, node: Node): void {
  routes.get('/api/handles', { schema: handleRouteSchemas.list }, (request, reply) =>
    list(request, reply, node),
  )
}

async function list(request: FastifyRequest, reply: FastifyReply, node: Node): Promise<FastifyReply> {
  const parameters = queryParameters(request.url)
  const prefix = textParameter(parameters, 'prefix')
  if (prefix === undefined || prefix === '') throw new HandleError('INVALID_HANDLE', 'Empty handle invalid')
  const identity = await node.authenticator.authenticate(request.headers.authorization)
  const anyHandle = parseHandle(`${prefix}/*`)
  if (!node.prefixes.has(anyHandle.prefix)) {
    throw new HandleError('NOT_RESPONSIBLE', `prefix "${prefix}" is not homed at this node`)
  }
  await node.authority.demandOverPrefix(identity, 'listHandles', anyHandle)
  const paging = pagingOf(parameters, node.config.listHandlesMax)
  const found = await handlesOf(node, anyHandle.prefix, paging)
  const body = {
    responseCode: 1,
    prefix,
    totalCount: String(await node.store.count(anyHandle.prefix, 'approximate')),
    ...(paging.page === undefined ? {} : { page: paging.page, pageSize: paging.entriesMax }),
    handles: found.handles,
    ...(found.cursor === undefined ? {} : { cursor: found.cursor }),
  }
  return reply.type(jsonContentType).send(JSON.stringify(body))
}

type Paging = {
  readonly page: number | undefined
  readonly entriesMax: number
  readonly skip: number
  readonly after: string | undefined
}

// Reading past this many handles to reach a page takes longer than a request should; a cursor has no such cost.
const skippedMax = 100_000
const scanPageEntries = 1000

function pagingOf(parameters: Parameters, listHandlesMax: number): Paging {
  const pageSize = integerParameter(parameters, 'pageSize', { least: 0, most: listHandlesMax })
  const page = integerParameter(parameters, 'page', { least: 0, most: Number.MAX_SAFE_INTEGER })
  const cursor = textParameter(parameters, 'cursor')
  const isPaged = page !== undefined && pageSize !== undefined
  const skip = isPaged ? page * pageSize : 0
  if (skip > skippedMax) {
    throw malformed(
      'page',
      String(page),
      `a page within the first ${skippedMax} handles; follow "cursor" for those beyond`,
    )
  }
  if (cursor !== undefined && isPaged) throw malformed('cursor', cursor, 'either cursor or page, not both')
  return {
    page: isPaged ? page : undefined,
    entriesMax: pageSize ?? listHandlesMax,
    skip,
    after: cursor === undefined ? undefined : cursorKey(cursor),
  }
}

async function handlesOf(
  node: Node,
  prefix: string,
  paging: Paging,
): Promise<{ handles: string[]; cursor?: string }> {
  const keyPrefix = `${prefix}/`
  if (paging.after !== undefined && !paging.after.startsWith(keyPrefix)) {
    throw malformed('cursor', cursorText(paging.after), `a cursor of the listing of ${prefix}`)
  }
  const handles: string[] = []
  let { skip, after } = paging
  while (handles.length < paging.entriesMax) {
    const entriesMax = Math.min(scanPageEntries, skip > 0 ? skip : paging.entriesMax - handles.length)
    const page = await node.store.scan({ keyPrefix, entriesMax, ...(after === undefined ? {} : { after }) })
    if (skip > 0) skip -= page.entries.length
    else for (const { value } of page.entries) handles.push(recordHandle(value))
    after = page.cursor
    if (after === undefined) return { handles }
  }
  return after === undefined ? { handles } : { handles, cursor: cursorText(after) }
}

function cursorText(key: string): string {
  return Buffer.from(key).toString('base64url')
}

function cursorKey(cursor: string): string {
  return foldAscii(Buffer.from(cursor, 'base64url').toString('utf8'))
}
