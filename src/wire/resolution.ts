import { HandleError } from '../errors.ts'
import { parseHandle } from '../identifier/handle.ts'
import { encodeValue } from '../identifier/record-encoding.ts'
import { type HandleValue, isPublic, permission } from '../identifier/value.ts'
import { referralOf } from '../referral.ts'
import { type ResolvedRecord, recordOf } from '../resolved-record.ts'
import type { MaybePromise } from '../support/maybe-promise.ts'
import { encodeValues, type ResolveBody, readResolveBody } from './codec/bodies.ts'
import type { Answer } from './codec/message.ts'
import { hasFlag, opFlag, responseCode } from './codec/protocol.ts'
import { type Asked, identityOf } from './request-context.ts'

/** Answers a resolution: whole, by index, by type, public or with what administrators may read. */
export function answerResolution(asked: Asked): MaybePromise<Answer> {
  const { node, request } = asked
  const question = readResolveBody(request.body)
  const authoritative = hasFlag(request, opFlag.authoritative)
  const isWhole = question.indexes.length === 0 && question.types.length === 0
  if (isWhole && !authoritative && hasFlag(request, opFlag.publicOnly)) {
    const cached = node.resolver.cached(question.handle, (resolved) => resolved.isWhollyPublic)
    // A copy, for the answer may wait for its turn.
    if (cached !== undefined) return { responseCode: responseCode.success, body: Buffer.from(cached.encoded) }
  }
  return resolve(asked, question, { authoritative })
}

async function resolve(
  asked: Asked,
  question: ResolveBody,
  options: { authoritative: boolean },
): Promise<Answer> {
  const { node, request } = asked
  const handle = parseHandle(question.handle, node.config)
  let resolved: ResolvedRecord | undefined
  try {
    resolved = await node.resolver.resolve(handle, { ...options, recurse: true })
  } catch (error) {
    if (!(error instanceof HandleError) || error.code !== 'NOT_RESPONSIBLE') throw error
    if (hasFlag(request, opFlag.doNotRefer)) throw error
    const referral = await referralOf(node, handle)
    if (referral === undefined) throw error
    const code = referral.kind === 'prefix' ? responseCode.prefixReferral : responseCode.serviceReferral
    return { responseCode: code, body: encodeValues('', referral.values.map(encodeValue)) }
  }
  if (resolved === undefined) throw new HandleError('HANDLE_NOT_FOUND', '')
  const { values } = recordOf(resolved)
  const chosen = values.filter((value) => isChosen(value, question))
  const readable = chosen.filter((value) => isPublic(value) || isForAdministrators(value))
  const visible =
    hasFlag(request, opFlag.publicOnly) || readable.every(isPublic) ? chosen.filter(isPublic) : readable
  if (visible.some((value) => !isPublic(value))) {
    await node.authority.demand(identityOf(asked), 'readValue', handle, values)
  }
  if (visible.length === 0) throw new HandleError('VALUES_NOT_FOUND', '')
  return {
    responseCode: responseCode.success,
    body: encodeValues(question.handle, visible.map(encodeValue)),
  }
}

/** Equal index, or equal type but for case; a type that ends in a period also means those below it. */
function isChosen({ index, type }: HandleValue, { indexes, types }: ResolveBody): boolean {
  if (indexes.length === 0 && types.length === 0) return true
  return indexes.includes(index) || types.some((asked) => isOfType(type.toUpperCase(), asked.toUpperCase()))
}

function isOfType(type: string, asked: string): boolean {
  return type === asked || (asked.endsWith('.') && (type === asked.slice(0, -1) || type.startsWith(asked)))
}

function isForAdministrators({ permissions }: HandleValue): boolean {
  return (permissions & permission.adminRead) !== 0
}
