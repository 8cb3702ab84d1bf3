import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

/**
 * A plain Handle HTTP JSON server in memory, written from the protocol alone and sharing no code with the node, so that
 * the harness is tested against something that cannot share its mistakes. It misbehaves where a test asks it to.
 */
export type PlainServerOptions = {
  /** How long an answer waits; the argument counts requests from zero. */
  readonly delayMsOf?: (request: number) => number
  /** Requests answered 503 with Retry-After. */
  readonly busyAt?: (request: number) => boolean
  readonly retryAfterSeconds?: number
  /** Requests whose connection is reset without an answer. */
  readonly resetAt?: (request: number) => boolean
  /** Requests that take effect, but whose connection is reset in the place of an answer. */
  readonly loseAt?: (request: number) => boolean
  /** Handles whose answers carry a changed value. */
  readonly wrongFor?: (handle: string) => boolean
  /** Basic credentials that writes must carry, as `user:secret` before base64. */
  readonly credentials?: string
  /** Sends every answer through one redirect first. */
  readonly redirects?: boolean
  /** Closes each connection after its first answer. */
  readonly closes?: boolean
  /** Speaks TLS with this key and certificate. */
  readonly tls?: { readonly key: string; readonly cert: string }
  /** Ends connections in the middle of the answer to such requests, the way a server dies: half an answer, then FIN. */
  readonly cutAt?: (request: number) => boolean
}

export type PlainServer = {
  readonly url: string
  readonly records: Map<string, PlainValue[]>
  readonly requests: () => number
  /** How many connections were opened. */
  readonly connections: () => number
  close(): Promise<void>
}

type PlainValue = { index: number; type: string; data: unknown; [other: string]: unknown }
type PlainAnswer = { status: number; body: Record<string, unknown>; headers?: Record<string, string> }

const apiPath = '/api/handles/'

export async function startPlainHandleServer(options: PlainServerOptions = {}): Promise<PlainServer> {
  const records = new Map<string, PlainValue[]>()
  let requests = 0
  let connections = 0
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const number = requests++
    if (options.resetAt?.(number)) {
      request.socket.destroy()
      return
    }
    void readBody(request).then((body) => {
      const answer = options.busyAt?.(number)
        ? busy(options.retryAfterSeconds ?? 1)
        : route({ records, options, request, body })
      if (options.loseAt?.(number)) return void request.socket.destroy()
      if (options.cutAt?.(number)) return cut(response, answer)
      if (options.closes) response.setHeader('connection', 'close')
      const delayMs = options.delayMsOf?.(number) ?? 0
      if (delayMs > 0) setTimeout(() => send(response, answer), delayMs)
      else send(response, answer)
    })
  }
  const server = options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener)
  server.on('connection', () => connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    records,
    requests: () => requests,
    connections: () => connections,
    close: () => closeServer(server),
  }
}

type Routed = {
  readonly records: Map<string, PlainValue[]>
  readonly options: PlainServerOptions
  readonly request: IncomingMessage
  readonly body: string
}

function route({ records, options, request, body }: Routed): PlainAnswer {
  const url = new URL(request.url ?? '/', 'http://plain')
  if (options.redirects && !url.searchParams.has('again')) {
    url.searchParams.set('again', '1')
    return { status: 307, body: {}, headers: { location: url.pathname + url.search } }
  }
  if (url.pathname === '/api/handles') return list(records, url.searchParams)
  if (!url.pathname.startsWith(apiPath)) return { status: 404, body: { message: 'no such page' } }
  const handle = decodeURIComponent(url.pathname.slice(apiPath.length))
  if (request.method === 'GET') return resolve(records, options, handle, url.searchParams)
  const expected = options.credentials && `Basic ${Buffer.from(options.credentials).toString('base64')}`
  if (expected !== undefined && request.headers.authorization !== expected) {
    return { status: 401, body: { responseCode: 402, handle } }
  }
  if (request.method === 'PUT') return put(records, handle, url.searchParams, body)
  if (request.method === 'DELETE') return remove(records, handle, url.searchParams)
  return { status: 405, body: {} }
}

function list(records: Map<string, PlainValue[]>, query: URLSearchParams): PlainAnswer {
  const prefix = query.get('prefix') ?? ''
  const [page, size] = [Number(query.get('page')), Number(query.get('pageSize'))]
  const all = [...records.keys()].filter((handle) => handle.startsWith(`${fold(prefix)}/`)).sort()
  const handles = all.slice(page * size, (page + 1) * size)
  return { status: 200, body: { responseCode: 1, prefix, totalCount: String(all.length), handles } }
}

function resolve(
  records: Map<string, PlainValue[]>,
  options: PlainServerOptions,
  handle: string,
  query: URLSearchParams,
): PlainAnswer {
  const record = records.get(fold(handle))
  if (record === undefined) return { status: 404, body: { responseCode: 100, handle } }
  const types = query.getAll('type')
  const indexes = query.getAll('index').map(Number)
  const all = types.length === 0 && indexes.length === 0
  const chosen = record.filter((value) => all || types.includes(value.type) || indexes.includes(value.index))
  const values = options.wrongFor?.(handle)
    ? chosen.map((value) => ({ ...value, data: { format: 'string', value: 'tampered' } }))
    : chosen
  return { status: 200, body: { responseCode: values.length > 0 ? 1 : 200, handle, values } }
}

function put(
  records: Map<string, PlainValue[]>,
  handle: string,
  query: URLSearchParams,
  body: string,
): PlainAnswer {
  const parsed = JSON.parse(body)
  const values: PlainValue[] = (Array.isArray(parsed) ? parsed : (parsed.values ?? [parsed])).map(complete)
  const existing = records.get(fold(handle))
  if (!query.has('index')) {
    if (existing !== undefined && query.get('overwrite') === 'false') {
      return { status: 409, body: { responseCode: 101, handle, message: 'handle already exists' } }
    }
    records.set(fold(handle), values)
    return { status: existing === undefined ? 201 : 200, body: { responseCode: 1, handle } }
  }
  if (existing === undefined) return { status: 404, body: { responseCode: 100, handle } }
  const changed = new Map(existing.map((value) => [value.index, value]))
  const overwritten = values.some((value) => changed.has(value.index))
  if (overwritten && query.get('overwrite') === 'false')
    return { status: 409, body: { responseCode: 201, handle, message: 'value already exists' } }
  for (const value of values) changed.set(value.index, value)
  records.set(
    fold(handle),
    [...changed.values()].sort((left, right) => left.index - right.index),
  )
  return { status: overwritten ? 200 : 201, body: { responseCode: 1, handle } }
}

function remove(records: Map<string, PlainValue[]>, handle: string, query: URLSearchParams): PlainAnswer {
  const existing = records.get(fold(handle))
  if (existing === undefined) return { status: 404, body: { responseCode: 100, handle } }
  const indexes = query.getAll('index').map(Number)
  if (indexes.length === 0) records.delete(fold(handle))
  else
    records.set(
      fold(handle),
      existing.filter((value) => !indexes.includes(value.index)),
    )
  return { status: 200, body: { responseCode: 1, handle } }
}

function complete(value: PlainValue): PlainValue {
  const bare = typeof value.data !== 'object'
  const data = bare ? { format: 'string', value: String(value.data) } : value.data
  return { ttl: 86_400, timestamp: '2024-01-01T00:00:00Z', ...value, data }
}

/** Handles compare with ASCII letters folded. */
function fold(handle: string): string {
  return handle.replace(/[a-z]+/g, (letters) => letters.toUpperCase())
}

function busy(retryAfterSeconds: number): PlainAnswer {
  return { status: 503, body: { responseCode: 3 }, headers: { 'retry-after': String(retryAfterSeconds) } }
}

/** Promises a whole answer and goes away after half of it. */
function cut(response: ServerResponse, answer: PlainAnswer): void {
  const text = Buffer.from(JSON.stringify(answer.body))
  response.writeHead(answer.status, { 'content-length': text.length })
  response.write(text.subarray(0, text.length >> 1), () => response.socket?.end())
}

/** In two chunks, cut inside the text, as a server may. */
function send(response: ServerResponse, answer: PlainAnswer): void {
  const text = Buffer.from(JSON.stringify(answer.body))
  response.writeHead(answer.status, { 'content-type': 'application/json;charset=UTF-8', ...answer.headers })
  const middle = text.length >> 1
  response.write(text.subarray(0, middle))
  response.end(text.subarray(middle))
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())))
}
