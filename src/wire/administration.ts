import type { Identity } from '../authenticator.ts'
import { HandleError } from '../errors.ts'
import { allAdminPermissions, encodeAdminData } from '../identifier/admin-data.ts'
import { type Handle, namingAuthorityPrefix, parseHandle } from '../identifier/handle.ts'
import { decodeRecord } from '../identifier/record-encoding.ts'
import {
  defaultPermissions,
  defaultTtl,
  type HandleValue,
  inIndexOrder,
  recordLimits,
  structuredTypes,
} from '../identifier/value.ts'
import { nowSeconds } from '../support/clock.ts'
import { readHandleBody, readIndexesBody, readValuesBody, sized } from './codec/bodies.ts'
import type { Answer } from './codec/message.ts'
import { hasFlag, opFlag, responseCode } from './codec/protocol.ts'
import { type Asked, done, identityOf } from './request-context.ts'

/** Creates a record; with the flag for it under a suffix that nobody has, which the answer tells. */
export async function createHandle(asked: Asked): Promise<Answer> {
  const { node, request } = asked
  const identity = identityOf(asked)
  const body = readValuesBody(request.body)
  const values = checkedValues(asked, body.values)
  if (hasFlag(request, opFlag.mintSuffix)) {
    const base = body.handle.includes('/') ? body.handle : `${body.handle}/`
    const minted = await node.registrar.mint(
      { handle: (suffix) => handleOf(asked, base + suffix), values },
      { identity },
    )
    return { responseCode: responseCode.success, body: sized(minted.text) }
  }
  const handle = handleOf(asked, body.handle)
  await node.registrar.register(
    { handle, values },
    { identity, overwrite: hasFlag(request, opFlag.overwrite) },
  )
  return { responseCode: responseCode.success, body: sized(handle.text) }
}

/** Deletes a record. */
export async function deleteHandle(asked: Asked): Promise<Answer> {
  const identity = identityOf(asked)
  await asked.node.registrar.remove(handleOf(asked, readHandleBody(asked.request.body)), { identity })
  return done
}

/** Adds values to a record: none of them may be there, unless the request overwrites. */
export async function addValues(asked: Asked): Promise<Answer> {
  const identity = identityOf(asked)
  const body = readValuesBody(asked.request.body)
  const registration = { handle: handleOf(asked, body.handle), values: checkedValues(asked, body.values) }
  const overwrite = hasFlag(asked.request, opFlag.overwrite)
  await asked.node.registrar.putValues(registration, { identity, overwrite })
  return done
}

/** Replaces values of a record: all of them have to be there. */
export async function modifyValues(asked: Asked): Promise<Answer> {
  const { node, request } = asked
  const identity = identityOf(asked)
  const body = readValuesBody(request.body)
  const handle = handleOf(asked, body.handle)
  const values = checkedValues(asked, body.values)
  await assertPresent(asked, handle, values)
  await node.registrar.putValues({ handle, values }, { identity, overwrite: true })
  return done
}

/** Removes values of a record by their indexes. */
export async function removeValues(asked: Asked): Promise<Answer> {
  const identity = identityOf(asked)
  const { handle, indexes } = readIndexesBody(asked.request.body)
  await asked.node.registrar.removeValues(handleOf(asked, handle), indexes, { identity })
  return done
}

/** Homes a prefix here: its record names whoever asked as the administrator, who needs the right over the parent's. */
export async function homePrefix(asked: Asked): Promise<Answer> {
  const identity = identityOf(asked)
  const handle = prefixHandleOf(asked)
  const values = [administration(identity, nowSeconds(asked.node.clock))]
  await asked.node.registrar.register({ handle, values }, { identity, overwrite: false })
  return done
}

/** Ends it. */
export async function unhomePrefix(asked: Asked): Promise<Answer> {
  const identity = identityOf(asked)
  await asked.node.registrar.remove(prefixHandleOf(asked), { identity })
  return done
}

/** The prefix record that a request names. @throws HandleError INVALID_HANDLE for any other handle. */
export function prefixHandleOf(asked: Asked): Handle {
  const handle = handleOf(asked, readHandleBody(asked.request.body))
  if (handle.prefix === namingAuthorityPrefix) return handle
  throw new HandleError('INVALID_HANDLE', `"${handle.text}" is no prefix; expected 0.NA/prefix`)
}

const adminIndex = 100

function administration(identity: Identity, timestampSeconds: number): HandleValue {
  return {
    index: adminIndex,
    type: structuredTypes.admin,
    data: encodeAdminData({
      handle: identity.handle.text,
      index: identity.index,
      permissions: allAdminPermissions,
    }),
    ttl: defaultTtl,
    timestampSeconds,
    permissions: defaultPermissions,
    references: [],
  }
}

function handleOf({ node }: Asked, text: string): Handle {
  return parseHandle(text, node.config)
}

/** Stamped with this node's time: clients send theirs, or none. */
function checkedValues({ node }: Asked, values: readonly HandleValue[]): readonly HandleValue[] {
  const timestampSeconds = nowSeconds(node.clock)
  const seen = new Set<number>()
  if (values.length === 0) throw new HandleError('INVALID_VALUE', 'no values; expected at least one')
  const stamped = values.map((value) => {
    if (value.index < 1 || value.index > recordLimits.indexMax || seen.has(value.index)) {
      throw new HandleError(
        'INVALID_VALUE',
        `index is ${value.index}; expected each once, from 1 to ${recordLimits.indexMax}`,
      )
    }
    if (value.type === '') throw new HandleError('INVALID_VALUE', `value ${value.index} has no type`)
    seen.add(value.index)
    return { ...value, timestampSeconds }
  })
  return inIndexOrder(stamped)
}

async function assertPresent(asked: Asked, handle: Handle, values: readonly HandleValue[]): Promise<void> {
  const { resolver } = asked.node
  const resolved = await resolver.resolve(handle, { authoritative: true })
  if (resolved === undefined) throw new HandleError('HANDLE_NOT_FOUND', `handle "${handle.text}" not found`)
  const present = new Set(indexesOf(resolved.encoded))
  const missing = values.find(({ index }) => !present.has(index))
  if (missing === undefined) return
  throw new HandleError('VALUES_NOT_FOUND', `no value has index ${missing.index}`)
}

function indexesOf(encoded: Uint8Array): number[] {
  return decodeRecord(encoded).values.map(({ index }) => index)
}
