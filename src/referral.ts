import { HandleError } from './errors.ts'
import { type Handle, namingAuthorityPrefix, parseHandle, prefixRecordHandle } from './identifier/handle.ts'
import type { HandleValue } from './identifier/value.ts'
import { recordOf } from './resolved-record.ts'
import type { Resolver } from './resolver.ts'

/**
 * Where to ask about a handle whose prefix is not homed here: the HS_SITE.PREFIX and HS_SERV.PREFIX values of the
 * nearest prefix above it that is; undefined when that one delegates nothing.
 */
export async function prefixReferral(
  resolver: Resolver,
  handle: Handle,
): Promise<readonly HandleValue[] | undefined> {
  const prefix =
    handle.prefix === namingAuthorityPrefix
      ? handle.key.slice(namingAuthorityPrefix.length + 1)
      : handle.prefix
  let dot = prefix.lastIndexOf('.')
  while (dot > 0) {
    const ancestor = await recordOfPrefix(resolver, prefix.slice(0, dot))
    if (ancestor !== undefined) {
      const delegations = ancestor.filter(({ type }) => delegatingTypes.includes(type.toUpperCase()))
      return delegations.length === 0 ? undefined : delegations
    }
    dot = prefix.lastIndexOf('.', dot - 1)
  }
  return undefined
}

const delegatingTypes = ['HS_SITE.PREFIX', 'HS_SERV.PREFIX']

async function recordOfPrefix(
  resolver: Resolver,
  prefix: string,
): Promise<readonly HandleValue[] | undefined> {
  try {
    const resolved = await resolver.resolve(parseHandle(prefixRecordHandle(prefix)), { authoritative: false })
    return resolved === undefined ? undefined : recordOf(resolved).values
  } catch (error) {
    // A prefix may be too odd for a handle of its own, or live elsewhere: either way it delegates nothing here.
    if (error instanceof HandleError && ['NOT_RESPONSIBLE', 'INVALID_HANDLE'].includes(error.code))
      return undefined
    throw error
  }
}
