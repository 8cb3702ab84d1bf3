import type { FastifyReply, FastifyRequest } from 'fastify'
import { type ResolvedRecord, strongTag } from '../resolved-record.ts'
import { jsonContentType } from './error-answers.ts'

// Long enough that a proxy takes nearly all load off the node; a ttl of years must not pin an answer that long.
const maxAgeSecondsMax = 86_400

/** What an answer to whoever proves an identity, or asks past the cache, says to caches. */
export const privateCacheControl = 'private, no-store'

/** What an absence says to caches: a registration is to be seen at once. */
export const absentCacheControl = 'no-cache'

/** How long a shared cache may keep a record's public answer: the ttl of its values, within a bound. */
export function publicCacheControl(resolved: ResolvedRecord, nowSeconds: number): string {
  const { ttlSeconds, untilSeconds = Number.POSITIVE_INFINITY } = resolved
  const freshSeconds = Math.max(0, Math.min(ttlSeconds, untilSeconds - nowSeconds))
  return `max-age=${Math.min(maxAgeSecondsMax, Math.floor(freshSeconds))}`
}

/** The same address shows administrators more: a shared cache must not hand them what it keeps for everyone. */
export const variesBy = 'authorization'

export type Conditional = {
  readonly body: Buffer | string
  readonly cacheControl: string
  /** Computed from the bytes unless they are known. */
  readonly etag?: string
}

/** Sends a resolution, or 304 where GET or HEAD names the answer that the client has (RFC 9110 section 13.1.2). */
export function sendConditional(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Conditional,
): FastifyReply {
  const { method } = request
  const { body, cacheControl } = answer
  if (method !== 'GET' && method !== 'HEAD') return reply.header('cache-control', 'no-store').send(body)
  const etag = answer.etag ?? strongTag(body)
  void reply.header('etag', etag).header('cache-control', cacheControl).header('vary', variesBy)
  const asked = request.headers['if-none-match']
  if (asked === undefined || !namesTag(asked, etag)) return reply.send(body)
  void reply.removeHeader('content-type')
  return reply.code(304).send()
}

/** Sends a record's whole public answer in the spelling that was asked for; `body` in that spelling. */
export function sendPublicAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: { readonly resolved: ResolvedRecord; readonly body: Buffer; readonly cacheControl: string },
): FastifyReply {
  const { resolved, body, cacheControl } = answer
  void reply.type(jsonContentType)
  const known = body === resolved.publicBody ? { etag: resolved.etag } : {}
  return sendConditional(request, reply, { body, cacheControl, ...known })
}

/** `If-None-Match` compares weakly: a tag that a proxy marked weak, for it compressed the answer, still names it. */
function namesTag(asked: string, etag: string): boolean {
  if (asked.trim() === '*') return true
  return asked.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === etag)
}
