import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Identity } from '../authenticator.ts'
import { HandleError } from '../errors.ts'
import { foldAscii, parseHandle } from '../identifier/handle.ts'
import { decodeRecord } from '../identifier/record-encoding.ts'
import { valuesToJson } from '../identifier/value-json.ts'
import type { Node } from '../node.ts'
import { type BulkLimits, BulkRegistration, bulkLimits } from './bulk-registration.ts'
import { jsonContentType } from './error-answers.ts'
import {
  booleanParameter,
  malformed,
  queryParameters,
  refuseCompressed,
  textParameter,
} from './request-parameters.ts'
import { registrationRouteSchemas } from './schemas.ts'

const ndjsonContentType = 'application/x-ndjson;charset=UTF-8'
const path = '/api/registrations'

/** `/api/registrations`: many records in one request, in and out, as newline-delimited JSON. */
export function registerRegistrationRoutes(routes: FastifyInstance, node: Node): void {
  routes.addContentTypeParser('application/x-ndjson', (_request, payload, done) => done(null, payload))
  routes.post(
    path,
    { schema: registrationRouteSchemas.post, bodyLimit: node.config.bulkBytesMax },
    (request, reply) => register(request, reply, node),
  )
  routes.get(path, { schema: registrationRouteSchemas.get }, (request, reply) =>
    exportRecords(request, reply, node),
  )
  routes.options(path, { schema: registrationRouteSchemas.options }, (_request, reply) =>
    reply.code(204).header('allow', 'GET, HEAD, POST, OPTIONS').send(),
  )
}

async function register(request: FastifyRequest, reply: FastifyReply, node: Node): Promise<FastifyReply> {
  const identity = await node.authenticator.authenticate(request.headers.authorization)
  const overwrite = booleanParameter(queryParameters(request.url), 'overwrite', false)
  if (!(request.body instanceof Readable)) {
    throw malformed('Content-Type', request.headers['content-type'] ?? '', 'application/x-ndjson')
  }
  refuseCompressed(request)
  const limits = bulkLimits(node.config)
  if (Number(request.headers['content-length'] ?? 0) > limits.bytesMax) return refuse(reply, limits)
  // Leaving the body early must not destroy it: the connection, and with it the answer that says why, would go too.
  const body = request.body.iterator({ destroyOnReturn: false })
  const bulk = new BulkRegistration(node, { identity, overwrite, limits })
  return reply
    .type(ndjsonContentType)
    .send(Readable.from(bulk.results(body), { objectMode: true, highWaterMark: 2 }))
}

function refuse(reply: FastifyReply, limits: BulkLimits): FastifyReply {
  const message = `the body is over the limit of ${limits.bytesMax} bytes; send it in parts`
  return reply
    .code(413)
    .type(jsonContentType)
    .send(JSON.stringify({ responseCode: 4, message, limits }))
}

async function exportRecords(
  request: FastifyRequest,
  reply: FastifyReply,
  node: Node,
): Promise<FastifyReply> {
  const parameters = queryParameters(request.url)
  const prefix = textParameter(parameters, 'prefix')
  if (prefix === undefined || prefix === '') throw malformed('prefix', '', 'a prefix such as 88.118')
  const identity = await node.authenticator.authenticate(request.headers.authorization)
  const anyHandle = parseHandle(`${prefix}/*`)
  if (!node.prefixes.has(anyHandle.prefix)) {
    throw new HandleError('NOT_RESPONSIBLE', `prefix "${prefix}" is not homed at this node`)
  }
  await demandExport(node, identity, anyHandle)
  const after = textParameter(parameters, 'after')
  const keyPrefix = `${anyHandle.prefix}/`
  const afterKey = after === undefined ? undefined : foldAscii(after)
  if (afterKey !== undefined && !afterKey.startsWith(keyPrefix))
    throw malformed('after', String(after), `a handle under ${prefix}`)
  return reply
    .type(ndjsonContentType)
    .send(Readable.from(exportLines(node, keyPrefix, afterKey), { objectMode: true, highWaterMark: 2 }))
}

async function demandExport(
  node: Node,
  identity: Identity,
  anyHandle: ReturnType<typeof parseHandle>,
): Promise<void> {
  await node.authority.demandOverPrefix(identity, 'listHandles', anyHandle)
  await node.authority.demandOverPrefix(identity, 'readValue', anyHandle)
}

const exportPageEntries = 1000

async function* exportLines(
  node: Node,
  keyPrefix: string,
  start: string | undefined,
): AsyncGenerator<string> {
  let after = start
  do {
    const page = await node.store.scan({
      keyPrefix,
      entriesMax: exportPageEntries,
      ...(after === undefined ? {} : { after }),
    })
    let lines = ''
    for (const { value } of page.entries) {
      const record = decodeRecord(value)
      lines += `{"handle":${JSON.stringify(record.handle)},"values":${valuesToJson(record.values)}}\n`
    }
    if (lines !== '') yield lines
    after = page.cursor
  } while (after !== undefined)
}
