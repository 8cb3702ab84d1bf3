import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { followAliases } from '../alias.ts'
import { HandleError } from '../errors.ts'
import { type Handle, parseHandle } from '../identifier/handle.ts'
import { type HandleValue, isPublic } from '../identifier/value.ts'
import { isoSeconds, valueToJson } from '../identifier/value-json.ts'
import type { Node } from '../node.ts'
import { referralOf } from '../referral.ts'
import { webReferralOf } from '../referral-web.ts'
import { recordOf } from '../resolved-record.ts'
import { absentCacheControl } from './conditional.ts'
import { escapeHtml, page, redirectPage } from './html-page.ts'
import { booleanParameter, handleTextFromUrl, queryParameters } from './request-parameters.ts'
import { redirectRouteSchema } from './schemas.ts'

const htmlContentType = 'text/html;charset=UTF-8'

/** `GET /{handle}`: a browser is sent to the record's URL value, or on to the node that has the record; `noredirect` shows the record instead. */
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
  const doNotRefer = booleanParameter(parameters, 'doNotRefer', false)
  // Where the way ends that was followed: an alias may lead to a handle of another node.
  let last: Handle | undefined
  try {
    const resolve = (each: Handle) => {
      last = each
      return node.resolver.resolve(each, { authoritative, recurse: true })
    }
    const handle = parseHandle(text, node.config)
    const resolved =
      noredirect || noalias ? await resolve(handle) : (await followAliases(handle, resolve)).resolved
    if (resolved === undefined) return reply.code(404).send(notFoundPage(text))
    const values = recordOf(resolved).values.filter(isPublic)
    const destination = noredirect ? undefined : destinationOf(values)
    if (destination === undefined) return reply.send(recordPage(text, values))
    const { url, ttlSeconds } = destination
    const expires = new Date(node.clock.nowMs() + ttlSeconds * 1000).toUTCString()
    return reply.code(302).header('location', url).header('expires', expires).send(redirectPage(url))
  } catch (error) {
    return answerProblem(error, { last: doNotRefer ? undefined : last, request, reply, node })
  }
}

type Asked = { readonly request: FastifyRequest; readonly reply: FastifyReply; readonly node: Node }

/** Where a handle of another node is, if this one knows; a page that says what is wrong otherwise. */
async function answerProblem(
  error: unknown,
  { last, ...asked }: Asked & { readonly last: Handle | undefined },
): Promise<FastifyReply> {
  try {
    if (!(error instanceof HandleError) || error.code !== 'NOT_RESPONSIBLE' || last === undefined) throw error
    return await sendOn(last, asked, error)
  } catch (problem) {
    // A foreign or malformed handle in the address bar is a page that is not there, not an API error.
    if (!(problem instanceof HandleError) || problem.status !== 400) throw problem
    const isElsewhere = problem.code === 'NOT_RESPONSIBLE' || problem.code === 'PREFIX_SUSPENDED'
    const content = `<p>${escapeHtml(problem.message)}</p>`
    return asked.reply.code(isElsewhere ? 404 : 400).send(page('Error', content))
  }
}

/**
 * Sends a browser to the node that a handle's prefix was delegated to; where that one has nothing that a browser can ask, 300 and
 * a page with its addresses. @throws HandleError the one given where nobody is known, PREFIX_SUSPENDED
 */
async function sendOn(handle: Handle, asked: Asked, otherwise: HandleError): Promise<FastifyReply> {
  const { request, reply, node } = asked
  const referral = await referralOf(node, handle)
  if (referral === undefined) throw otherwise
  const { web, others } = await webReferralOf(referral, node.resolver)
  // A delegation may change at any time, so nobody keeps where it led.
  void reply.header('cache-control', absentCacheControl)
  const [origin] = web
  if (origin === undefined) return reply.code(300).send(referralPage(handle.text, others))
  const url = origin + pathOf(handle) + queryOf(request.url)
  return reply.code(302).header('location', url).send(redirectPage(url))
}

function pathOf({ text }: Handle): string {
  return `/${encodeURIComponent(text).replaceAll('%2F', '/')}`
}

function queryOf(url: string): string {
  const start = url.indexOf('?')
  const query = start < 0 ? '' : url.slice(start)
  return /^[\x21-\x7e]*$/.test(query) ? query : ''
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

function notFoundPage(handle: string): string {
  return page('Not Found', `<p>The handle <b>${escapeHtml(handle)}</b> cannot be found at this node.</p>`)
}

function referralPage(handle: string, addresses: readonly string[]): string {
  const items = addresses.map((address) => `<li><code>${escapeHtml(address)}</code></li>`)
  const whose = `<p>The handle <b>${escapeHtml(handle)}</b> is answered by another node, which a browser cannot ask:</p>`
  return page('Another node', `${whose}<ul>${items.join('')}</ul>`)
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
