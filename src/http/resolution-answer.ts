import type { FastifyReply, FastifyRequest } from 'fastify'
import { followAliases } from '../alias.ts'
import type { Handle } from '../identifier/handle.ts'
import { type HandleValue, isPublic, permission } from '../identifier/value.ts'
import type { Node } from '../node.ts'
import { publicBodyFor, type ResolvedRecord, recordOf, successBody } from '../resolved-record.ts'
import { nowSeconds } from '../support/clock.ts'
import {
  absentCacheControl,
  privateCacheControl,
  publicCacheControl,
  sendConditional,
  sendPublicAnswer,
} from './conditional.ts'
import { jsonContentType } from './error-answers.ts'
import { referOr } from './referral-answer.ts'
import { booleanParameter, indexParameters, type Parameters, textParameter } from './request-parameters.ts'

type Asked = {
  readonly handle: Handle
  readonly parameters: Parameters
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly node: Node
}

/** Answers a resolution with parameters: which values, for whom, from the cache or past it, in which form. */
export async function answerResolution(asked: Asked): Promise<FastifyReply> {
  const { handle, parameters, request, reply, node } = asked
  const selection = selectionOf(parameters)
  const form = formOf(parameters)
  const authoritative = booleanParameter(parameters, 'auth', false)
  // Accepted because clients send it; there is nothing to certify with.
  booleanParameter(parameters, 'cert', false)
  const doNotRefer = booleanParameter(parameters, 'doNotRefer', false)
  let isVisible: Choice
  let resolved: ResolvedRecord | undefined
  // An alias may lead to a handle of another node, which is the one to ask there.
  let last = handle
  try {
    isVisible = await visibility(asked)
    const resolve = (each: Handle) => {
      last = each
      return node.resolver.resolve(each, { authoritative, recurse: true })
    }
    if (booleanParameter(parameters, 'followAlias', false)) {
      const followed = await followAliases(handle, resolve)
      resolved = followed.resolved
      // Whoever may read the alias need not be allowed to read what it leads to.
      if (followed.via.length > 0) isVisible = isPublic
    } else resolved = await resolve(handle)
  } catch (error) {
    if (doNotRefer) throw error
    return referOr(error, { ...asked, handle: last })
  }
  if (resolved === undefined) {
    void reply.code(404).header('cache-control', absentCacheControl)
    return reply.send(formed(reply, notFoundBody(handle.text), form))
  }
  const isPrivate = authoritative || request.headers.authorization !== undefined
  const cacheControl = isPrivate ? privateCacheControl : publicCacheControl(resolved, nowSeconds(node.clock))
  if (selection === undefined && isVisible === isPublic && form.isPlain) {
    const body = publicBodyFor(resolved, handle.text)
    return sendPublicAnswer(request, reply, { resolved, body, cacheControl })
  }
  const values = recordOf(resolved).values.filter(
    (value) => isVisible(value) && (selection === undefined || selection(value)),
  )
  const body = formed(reply, successBody(handle.text, values), form)
  return sendConditional(request, reply, { body, cacheControl })
}

/** The answer for a handle without a record, the same however it is asked. */
export function notFoundBody(handle: string): string {
  return `{"responseCode":100,"handle":${JSON.stringify(handle)}}`
}

type Form = { readonly isPlain: boolean; readonly pretty: boolean; readonly callback: string | undefined }

function formOf(parameters: Parameters): Form {
  const pretty = booleanParameter(parameters, 'pretty', false)
  const callback = textParameter(parameters, 'callback')?.replace(/[^A-Za-z0-9_$]/g, '') || undefined
  return { isPlain: !pretty && callback === undefined, pretty, callback }
}

/** The body in the form that was asked for; sets its media type. */
function formed(reply: FastifyReply, body: string, form: Form): string {
  const text = form.pretty ? `${JSON.stringify(JSON.parse(body), undefined, 2)}\n` : body
  if (form.callback === undefined) {
    void reply.type(jsonContentType)
    return text
  }
  // A script must not be sniffed as anything else, and U+2028 is a line end to old JavaScript engines.
  void reply.type('application/javascript;charset=UTF-8').header('x-content-type-options', 'nosniff')
  return `${form.callback}(${text.replace(/\u2028/g, '\\u2028').replace(/\u2029/g, '\\u2029')});`
}

type Choice = (value: HandleValue) => boolean

/** Which values the `index` and `type` parameters choose, OR-ed; undefined when neither is given. */
function selectionOf(parameters: Parameters): Choice | undefined {
  const indexes = indexParameters(parameters)
  const types = parameters.get('type') ?? []
  if (indexes.length === 0 && types.length === 0) return undefined
  return (value) => indexes.includes(value.index) || types.some((type) => matchesType(value.type, type))
}

/** Equal but for case, or below it when the asked type ends in a period: `a.` matches `a` and `a.b`. */
function matchesType(type: string, asked: string): boolean {
  const [left, right] = [type.toUpperCase(), asked.toUpperCase()]
  return left === right || (right.endsWith('.') && (left === right.slice(0, -1) || left.startsWith(right)))
}

/** Public values for everyone; those that administrators may read as well for who proves to be one. */
async function visibility({ handle, parameters, request, node }: Asked): Promise<Choice> {
  const { authorization } = request.headers
  const publicOnly = booleanParameter(parameters, 'publicOnly', authorization === undefined)
  if (publicOnly) return isPublic
  const identity = await node.authenticator.authenticate(authorization)
  const resolved = await node.resolver.resolve(handle, { authoritative: false })
  if (resolved === undefined) return isPublic
  await node.authority.demand(identity, 'readValue', handle, recordOf(resolved).values)
  return (value) => isPublic(value) || (value.permissions & permission.adminRead) !== 0
}
