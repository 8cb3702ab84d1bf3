import { HandleError } from './errors.ts'
import { type Handle, namingAuthorityPrefix, parseHandle, prefixRecordHandle } from './identifier/handle.ts'
import type { HandleValue } from './identifier/value.ts'
import { valuesFromJson } from './identifier/value-input.ts'
import { isDelegating } from './prefixes/prefix-change.ts'
import { decodeState, stateKey } from './prefixes/prefix-records.ts'
import type { PrefixState } from './prefixes/prefix-state.ts'
import { recordOf } from './resolved-record.ts'
import type { Resolver } from './resolver.ts'
import type { Store } from './store/store.ts'

/** Where to ask instead: `prefix` (response code 303) by sites of the prefix, `service` (302) by a service handle. */
export type Referral = { readonly kind: 'prefix' | 'service'; readonly values: readonly HandleValue[] }

/**
 * Where to ask about a handle whose prefix is not homed here: what the prefix was delegated with, or the HS_SITE.PREFIX and
 * HS_SERV.PREFIX values of the nearest prefix above it that is homed; undefined when neither delegates anything.
 * @throws HandleError PREFIX_SUSPENDED for a prefix that was given here and is suspended.
 */
export async function referralOf(
  node: { readonly resolver: Resolver; readonly store: Store },
  handle: Handle,
): Promise<Referral | undefined> {
  const own =
    handle.prefix === namingAuthorityPrefix
      ? handle.key.slice(namingAuthorityPrefix.length + 1)
      : handle.prefix
  for (let prefix = own; prefix !== ''; prefix = prefix.slice(0, Math.max(0, prefix.lastIndexOf('.')))) {
    const encoded = await node.store.get(stateKey(prefix))
    const state = encoded === undefined ? undefined : decodeState(encoded)
    if (state?.state === 'suspended')
      throw new HandleError('PREFIX_SUSPENDED', `prefix "${prefix}" is suspended at this node`)
    if (state?.state === 'delegated') return referralBy(delegationOf(state))
    if (prefix === own) continue
    const values = await recordOfPrefix(node.resolver, prefix)
    if (values !== undefined) return referralBy(values.filter(isForPrefixesBelow))
  }
  return undefined
}

function referralBy(values: readonly HandleValue[]): Referral | undefined {
  if (values.length === 0) return undefined
  const isService = values.every(({ type }) => type.toUpperCase() === 'HS_SERV')
  return { kind: isService ? 'service' : 'prefix', values }
}

function delegationOf({ delegation = [], since }: PrefixState): readonly HandleValue[] {
  return valuesFromJson(delegation, Math.floor(Date.parse(since) / 1000))
}

function isForPrefixesBelow({ type }: HandleValue): boolean {
  return isDelegating(type) && type.toUpperCase() !== 'HS_SERV'
}

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
