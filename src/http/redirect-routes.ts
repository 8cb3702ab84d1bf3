import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { followAliases } from '../alias.ts'
import { HandleError } from '../errors.ts'
import { parseHandle } from '../identifier/handle.ts'
import { type HandleValue, isPublic } from '../identifier/value.ts'
import { isoSeconds, valueToJson } from '../identifier/value-json.ts'
import type { Node } from '../node.ts'
import { recordOf } from '../resolved-record.ts'
import { booleanParameter, handleTextFromUrl, queryParameters } from './request-parameters.ts'
import { redirectRouteSchema } from './schemas.ts'

const htmlContentType = 'text/html;charset=UTF-8'

/** `GET /{handle}`: a browser is sent to the record's URL value; `noredirect` shows the record instead. */
export function registerRedirectRoutes(routes: FastifyInstance, node: Node): void {
  routes.get('/*', { schema: redirectRouteSchema }, (request, reply) => follow(request, reply, node))
}

async function follow(request: FastifyRequest, reply: FastifyReply, node: Node): Promise<FastifyReply> {
  const text = handleTextFromUrl(request.url, '/')
  void reply.type(htmlContentType).header('x-content-type-options', 'nosniff')
  if (text === '') return reply.send(page('erji', welcome))
  const parameters = queryParameters(request.url)
  const noredirect = booleanParameter(parameters, 'noredirect', false)
  const noalias = booleanParameter(parameters, 'noalias', false)
  const authoritative = booleanParameter(parameters, 'auth', false)
  try {
    const handle = parseHandle(text, node.config)
    const { resolved } =
      noredirect || noalias
        ? { resolved: await node.resolver.resolve(handle, { authoritative, recurse: true }) }
        : await followAliases(handle, (each) => node.resolver.resolve(each, { authoritative, recurse: true }))
    if (resolved === undefined) return reply.code(404).send(notFoundPage(text))
    const values = recordOf(resolved).values.filter(isPublic)
    const destination = noredirect ? undefined : destinationOf(values)
    if (destination === undefined) return reply.send(recordPage(text, values))
    const { url, ttlSeconds } = destination
    const expires = new Date(node.clock.nowMs() + ttlSeconds * 1000).toUTCString()
    return reply.code(302).header('location', url).header('expires', expires).send(redirectPage(url))
  } catch (error) {
    // A foreign or malformed handle in the address bar is a page that is not there, not an API error.
    if (!(error instanceof HandleError) || error.status !== 400) throw error
    return reply
      .code(error.code === 'NOT_RESPONSIBLE' ? 404 : 400)
      .send(page('Error', `<p>${escapeHtml(error.message)}</p>`))
  }
}

/** The first value of type URL that holds a web address; other schemes would run in the reader's browser. */
function destinationOf(values: readonly HandleValue[]): { url: string; ttlSeconds: number } | undefined {
  for (const { type, data, ttl } of values) {
    if (type.toUpperCase() !== 'URL') continue
    const url = webAddress(Buffer.from(data).toString('utf8'))
    if (url !== undefined) return { url, ttlSeconds: ttl.kind === 'relative' ? ttl.seconds : 0 }
  }
  return undefined
}

function webAddress(text: string): string | undefined {
  if (!/^(?:https?|ftp):\/\//i.test(text) || !URL.canParse(text)) return undefined
  return /^[\x21-\x7e]+$/.test(text) ? text : new URL(text).href
}

const welcome =
  '<p>An identifier-resolution secondary node (二级节点). Ask <code>/api/handles/{prefix}/{suffix}</code> for a record, ' +
  '<code>/{prefix}/{suffix}</code> to be sent where it leads. <a href="/docs">API documentation</a></p>'

function redirectPage(url: string): string {
  const escaped = escapeHtml(url)
  return `<html><head><title>Handle Redirect</title></head>\n<body><a href="${escaped}">${escaped}</a></body></html>`
}

function notFoundPage(handle: string): string {
  return page('Not Found', `<p>The handle <b>${escapeHtml(handle)}</b> cannot be found at this node.</p>`)
}

function recordPage(handle: string, values: readonly HandleValue[]): string {
  const rows = values.map(
    (value) =>
      `<tr><td>${value.index}</td><td>${escapeHtml(value.type)}</td>` +
      `<td>${isoSeconds(value.timestampSeconds)}</td><td>${dataCell(value)}</td></tr>`,
  )
  const head = '<tr><th>Index</th><th>Type</th><th>Timestamp</th><th>Data</th></tr>'
  return page(handle, `<h1>${escapeHtml(handle)}</h1><table>${head}${rows.join('')}</table>`)
}

function dataCell(value: HandleValue): string {
  const { data } = JSON.parse(valueToJson(value)) as { data: { value: unknown } }
  const text = typeof data.value === 'string' ? data.value : JSON.stringify(data.value)
  const url = webAddress(text)
  return url === undefined ? escapeHtml(text) : `<a href="${escapeHtml(url)}">${escapeHtml(text)}</a>`
}

function page(title: string, content: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head><body>${content}</body></html>`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
