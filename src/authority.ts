import type { Identity } from './authenticator.ts'
import { HandleError } from './errors.ts'
import { adminPermission, decodeAdminData, decodeVlistData } from './identifier/admin-data.ts'
import { EncodingError } from './identifier/buffer-reader.ts'
import {
  foldAscii,
  type Handle,
  namingAuthorityPrefix,
  parseHandle,
  prefixRecordHandle,
} from './identifier/handle.ts'
import { type HandleValue, structuredTypes, type ValueReference } from './identifier/value.ts'
import { recordOf } from './resolved-record.ts'
import type { Resolver } from './resolver.ts'

export type AdminRight = keyof typeof adminPermission

/**
 * Who may do what: an identity holds a right over a record when an HS_ADMIN value of that record, or of the record of
 * its prefix, names it (or an HS_VLIST with it) and grants the right. The prefix's administrators count because records
 * loaded in bulk need not each repeat them.
 */
export class Authority {
  readonly #resolver: Resolver
  // A registrar asks for the same right under the same prefix with each record. What granted it holds while the
  // prefix's record stays byte by byte; grants through groups are not remembered, since those have records of their own.
  readonly #grantsOverPrefix = new Map<string, Grant>()

  constructor(resolver: Resolver) {
    this.#resolver = resolver
  }

  /** @throws HandleError NOT_PERMITTED unless `identity` holds `right` over the record with these values. */
  async demand(
    identity: Identity,
    right: AdminRight,
    handle: Handle,
    values: readonly HandleValue[],
  ): Promise<void> {
    if (await this.#grants(identity, right, values, { membersLeft: groupMembersMax })) return
    await this.demandOverPrefix(identity, right, handle)
  }

  /** @throws HandleError NOT_PERMITTED unless the record of the handle's prefix grants `right`. */
  async demandOverPrefix(identity: Identity, right: AdminRight, handle: Handle): Promise<void> {
    const superior = superiorOf(handle)
    const resolved = superior === undefined ? undefined : await this.#resolver.resolveHere(superior)
    if (superior !== undefined && resolved !== undefined) {
      const walk = { membersLeft: groupMembersMax }
      if (await this.#grants(identity, right, recordOf(resolved).values, walk)) {
        const isDirect = walk.membersLeft === groupMembersMax
        if (isDirect) this.#remember({ superior, encoded: resolved.encoded }, { identity, right, handle })
        return
      }
    }
    throw new HandleError(
      'NOT_PERMITTED',
      `${identity.index}:${identity.handle.text} lacks the right ${right} over "${handle.text}"`,
    )
  }

  /** Like `demandOverPrefix` for the right that creating the handle takes: a derived prefix is not an ordinary handle. */
  async demandCreation(identity: Identity, handle: Handle): Promise<void> {
    const right = handle.prefix === namingAuthorityPrefix ? 'addDerivedPrefix' : 'addHandle'
    const grant = this.#grantsOverPrefix.get(grantKey(identity, right, handle))
    if (grant !== undefined && this.#stands(grant)) return
    await this.demandOverPrefix(identity, right, handle)
  }

  #stands({ superior, encoded }: Grant): boolean {
    const present = this.#resolver.resolveHere(superior)
    if (present === undefined || present instanceof Promise) return false
    return present.encoded === encoded || Buffer.compare(present.encoded, encoded) === 0
  }

  #remember(grant: Grant, of: { identity: Identity; right: AdminRight; handle: Handle }): void {
    // Under 0.NA each handle has a superior of its own.
    if (of.handle.prefix === namingAuthorityPrefix) return
    if (this.#grantsOverPrefix.size >= grantsMax) this.#grantsOverPrefix.clear()
    this.#grantsOverPrefix.set(grantKey(of.identity, of.right, of.handle), grant)
  }

  async #grants(
    identity: Identity,
    right: AdminRight,
    values: readonly HandleValue[],
    walk: Walk,
  ): Promise<boolean> {
    for (const value of values) {
      if (value.type.toUpperCase() !== structuredTypes.admin) continue
      const admin = readOrUndefined(() => decodeAdminData(value.data))
      if (admin === undefined || (admin.permissions & adminPermission[right]) === 0) continue
      if (await this.#isMember(identity, admin, walk)) return true
    }
    return false
  }

  /** Whether the reference is the identity, or a group (of groups) that holds it. */
  async #isMember(identity: Identity, reference: ValueReference, walk: Walk): Promise<boolean> {
    if (reference.index === identity.index && foldAscii(reference.handle) === identity.handle.key) return true
    if (walk.membersLeft-- <= 0) return false
    const handle = readOrUndefined(() => parseHandle(reference.handle))
    const values = handle === undefined ? undefined : await this.#valuesOf(handle)
    const group = values?.find((value) => value.index === reference.index)
    if (group?.type.toUpperCase() !== structuredTypes.vlist) return false
    for (const member of readOrUndefined(() => decodeVlistData(group.data)) ?? []) {
      if (await this.#isMember(identity, member, walk)) return true
    }
    return false
  }

  async #valuesOf(handle: Handle): Promise<readonly HandleValue[] | undefined> {
    const resolved = await this.#resolver.resolveHere(handle)
    return resolved === undefined ? undefined : recordOf(resolved).values
  }
}

/** What is left of a walk through groups. */
type Walk = { membersLeft: number }

/** The record that granted a right directly, as it was then. */
type Grant = { readonly superior: Handle; readonly encoded: Uint8Array }

const grantsMax = 10_000

function grantKey(identity: Identity, right: AdminRight, handle: Handle): string {
  return `${right} ${identity.index}:${identity.handle.key} ${handle.prefix}`
}

// Groups may hold groups, and each other: the walk through them ends here whatever their records say.
const groupMembersMax = 1000

/** The record whose administrators rule over this one: its prefix's, or for a prefix the parent prefix's. */
function superiorOf(handle: Handle): Handle | undefined {
  if (handle.prefix !== namingAuthorityPrefix) return parseHandle(prefixRecordHandle(handle.prefix))
  const prefix = handle.key.slice(namingAuthorityPrefix.length + 1)
  const dot = prefix.lastIndexOf('.')
  return dot < 0 ? undefined : parseHandle(prefixRecordHandle(prefix.slice(0, dot)))
}

function readOrUndefined<Result>(read: () => Result): Result | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof EncodingError || error instanceof HandleError) return undefined
    throw error
  }
}
