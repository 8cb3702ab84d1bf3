import type { FastifyReply } from 'fastify'
import { HandleError } from '../errors.ts'
import type { Handle } from '../identifier/handle.ts'
import { valuesToJson } from '../identifier/value-json.ts'
import type { Node } from '../node.ts'
import { referralOf } from '../referral.ts'
import { absentCacheControl } from './conditional.ts'
import { jsonContentType } from './error-answers.ts'

/** Response codes of referrals, which the JSON API answers with the status 300. */
const referralCodes = { service: 302, prefix: 303 } as const

/**
 * Answers for a handle that is not this node's with where to ask instead.
 * @throws HandleError the one given where nobody is known, or PREFIX_SUSPENDED.
 */
export async function referOr(
  error: unknown,
  asked: { readonly handle: Handle; readonly reply: FastifyReply; readonly node: Node },
): Promise<FastifyReply> {
  if (!(error instanceof HandleError) || error.code !== 'NOT_RESPONSIBLE') throw error
  const { handle, reply, node } = asked
  const referral = await referralOf(node, handle)
  if (referral === undefined) throw error
  const { kind, values } = referral
  const body = `{"responseCode":${referralCodes[kind]},"handle":${JSON.stringify(handle.text)},"values":${valuesToJson(values)}}`
  return reply.code(300).type(jsonContentType).header('cache-control', absentCacheControl).send(body)
}
