import type { Identity } from '../authenticator.ts'
import { HandleError } from '../errors.ts'
import { allAdminPermissions, encodeAdminData } from '../identifier/admin-data.ts'
import { prefixRecordHandle } from '../identifier/handle.ts'
import { encodeRecord } from '../identifier/record-encoding.ts'
import { defaultPermissions, defaultTtl, type HandleValue, structuredTypes } from '../identifier/value.ts'
import { valuesFromJson } from '../identifier/value-input.ts'
import type { PrefixAction, PrefixState, PrefixStateName } from './prefix-state.ts'

/** What a step carries beside its name. */
export type StepRequest = {
  readonly action: PrefixAction
  readonly prefix: string
  readonly identity: Identity
  readonly reason?: string | undefined
  /** With `apply`. */
  readonly enterprise?: string | undefined
  readonly contact?: string | undefined
  /** With `delegate`: HS_SITE.PREFIX, HS_SERV.PREFIX or HS_SERV values as JSON. */
  readonly delegation?: readonly unknown[] | undefined
}

/** Of the enterprise's name and of how to reach it. */
export const detailCharactersMax = 500
/** Every step keeps its own reason in the audit trail. */
export const reasonCharactersMax = 2000

/** The types of values that say where a delegated prefix is served. */
export const delegatingTypes = ['HS_SITE.PREFIX', 'HS_SERV.PREFIX', 'HS_SERV'] as const

/** What a step makes of the state, beside its name, number and time. */
export function changeOf(
  request: StepRequest,
  facts: {
    readonly present: PrefixState | undefined
    readonly record: Uint8Array | undefined
    readonly to: PrefixStateName
    readonly nowSeconds: number
  },
): Omit<PrefixState, 'state' | 'revision' | 'since'> {
  const { action, prefix } = request
  const { present, record, to } = facts
  const kept = detailsOf(request, present)
  switch (action) {
    case 'apply':
    case 'approve':
    case 'reject':
    case 'withdraw':
      return kept
    case 'home':
      return { ...kept, pending: base64(recordFor(prefix, present, facts.nowSeconds)) }
    case 'delegate':
      return { ...kept, delegation: checkedDelegation(request, facts.nowSeconds) }
    case 'suspend':
      return present?.state === 'homed'
        ? { ...kept, suspendedFrom: 'homed', keptRecord: base64(record ?? new Uint8Array()), pending: null }
        : { ...kept, ...delegationOf(present), suspendedFrom: 'delegated' }
    case 'resume':
      return to === 'homed'
        ? { ...kept, pending: present?.keptRecord ?? '' }
        : { ...kept, ...delegationOf(present) }
    case 'revoke':
      return record === undefined ? kept : { ...kept, pending: null }
  }
}

/** Homes a prefix: whoever applied administers it. */
function recordFor(prefix: string, present: PrefixState | undefined, timestampSeconds: number): Uint8Array {
  const [, index = '', handle = ''] = /^(\d+):(.+)$/s.exec(present?.applicant ?? '') ?? []
  const administration: HandleValue = {
    index: 100,
    type: structuredTypes.admin,
    data: encodeAdminData({ handle, index: Number(index), permissions: allAdminPermissions }),
    ttl: defaultTtl,
    timestampSeconds,
    permissions: defaultPermissions,
    references: [],
  }
  return encodeRecord({ handle: prefixRecordHandle(prefix), values: [administration] })
}

/** Values that say where a delegated prefix is served. @throws HandleError INVALID_VALUE for anything else. */
export function checkedDelegation(
  { delegation }: Pick<StepRequest, 'delegation'>,
  timestampSeconds: number,
): readonly unknown[] {
  if (delegation === undefined || delegation.length === 0)
    throw new HandleError('INVALID_VALUE', `values is empty; expected ${delegatingTypes.join(' or ')} values`)
  const values = valuesFromJson(delegation, timestampSeconds)
  const wrong = values.find(({ type }) => !isDelegating(type))
  if (wrong === undefined) return delegation
  const problem = `values has type "${wrong.type}"; expected ${delegatingTypes.join(' or ')}`
  throw new HandleError('INVALID_VALUE', problem)
}

/** Whether a value of this type says where a delegated prefix is served. */
export function isDelegating(type: string): boolean {
  return (delegatingTypes as readonly string[]).includes(type.toUpperCase())
}

/** An identity as states and audit entries name it. */
export function nameOf({ index, handle }: Identity): string {
  return `${index}:${handle.text}`
}

/** Bytes as a state holds them. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

function delegationOf(present: PrefixState | undefined): Pick<PrefixState, 'delegation'> | undefined {
  return present?.delegation === undefined ? undefined : { delegation: present.delegation }
}

/** What is said of the enterprise: by a new application anew, by every other step as it was. */
function detailsOf(
  { action, prefix, identity, enterprise, contact, reason }: StepRequest,
  present: PrefixState | undefined,
): Pick<PrefixState, 'prefix' | 'enterprise' | 'contact' | 'applicant' | 'reason'> {
  const said = reason === undefined ? {} : { reason }
  if (action !== 'apply') {
    const { enterprise: known = '', contact: reached = '', applicant = '' } = present ?? {}
    return { prefix, enterprise: known, contact: reached, applicant, ...said }
  }
  for (const [field, text] of Object.entries({ enterprise, contact })) {
    if (text === undefined || text.trim() === '' || text.length > detailCharactersMax)
      throw new HandleError(
        'INVALID_VALUE',
        `${field} is "${text ?? ''}"; expected 1 to ${detailCharactersMax} characters`,
      )
  }
  return {
    prefix,
    enterprise: enterprise ?? '',
    contact: contact ?? '',
    applicant: nameOf(identity),
    ...said,
  }
}
