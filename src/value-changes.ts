import type { Identity } from './authenticator.ts'
import type { AdminRight, Authority } from './authority.ts'
import { HandleError } from './errors.ts'
import type { Handle } from './identifier/handle.ts'
import {
  type HandleValue,
  inIndexOrder,
  permission,
  recordLimits,
  structuredTypes,
} from './identifier/value.ts'

/** Who changes which record. */
export type ChangeContext = {
  readonly handle: Handle
  readonly record: { readonly values: readonly HandleValue[] }
  readonly identity: Identity
}

/** The values after a put: those with a known index are replaced, new ones join them in the order of indexes. */
export function mergeValues(
  present: readonly HandleValue[],
  put: readonly HandleValue[],
  options: { overwrite: boolean },
): { readonly values: readonly HandleValue[]; readonly replacedAny: boolean } {
  const values = [...present]
  let replacedAny = false
  for (const value of put) {
    const position = values.findIndex((candidate) => candidate.index === value.index)
    if (position < 0) {
      values.push(value)
      continue
    }
    if (!options.overwrite) throw new HandleError('VALUE_EXISTS', `Index conflict for ${value.index}`)
    values[position] = value
    replacedAny = true
  }
  if (values.length > recordLimits.valuesMax) {
    throw new HandleError(
      'INVALID_VALUE',
      `the record would hold ${values.length} values; expected at most ${recordLimits.valuesMax}`,
    )
  }
  return { values: inIndexOrder(values), replacedAny }
}

/** The values without those of `indexes`; those that are not there are passed over if any is. */
export function withoutIndexes(
  present: readonly HandleValue[],
  indexes: readonly number[],
): readonly HandleValue[] {
  const kept = present.filter((value) => !indexes.includes(value.index))
  if (kept.length === present.length) {
    throw new HandleError('VALUES_NOT_FOUND', `no value has index ${indexes.join(', ')}`)
  }
  return kept
}

/** Whether both lists hold the same values but for their timestamps, in any order. */
export function sameValues(left: readonly HandleValue[], right: readonly HandleValue[]): boolean {
  if (left.length !== right.length) return false
  return left.every((value, position) => {
    const aligned = right[position]
    const twin =
      aligned?.index === value.index ? aligned : right.find((candidate) => candidate.index === value.index)
    return twin !== undefined && sameValue(value, twin)
  })
}

/** @throws HandleError NOT_PERMITTED unless each value may be added, or replaced where one stands. */
export async function assertMayPut(
  authority: Authority,
  context: ChangeContext,
  values: readonly HandleValue[],
): Promise<void> {
  for (const value of values) {
    const present = context.record.values.find((candidate) => candidate.index === value.index)
    if (present === undefined) {
      await demand(authority, context, isAdmin(value) ? 'addAdmin' : 'addValue')
      continue
    }
    assertWritable(context.handle, present)
    if (isAdmin(present) === isAdmin(value)) {
      await demand(authority, context, isAdmin(value) ? 'modifyAdmin' : 'modifyValue')
    } else {
      await demand(authority, context, isAdmin(present) ? 'removeAdmin' : 'removeValue')
      await demand(authority, context, isAdmin(value) ? 'addAdmin' : 'addValue')
    }
  }
}

/** @throws HandleError NOT_PERMITTED unless each value of `indexes` that is there may be removed. */
export async function assertMayRemove(
  authority: Authority,
  context: ChangeContext,
  indexes: readonly number[],
): Promise<void> {
  for (const present of context.record.values) {
    if (!indexes.includes(present.index)) continue
    assertWritable(context.handle, present)
    await demand(authority, context, isAdmin(present) ? 'removeAdmin' : 'removeValue')
  }
}

async function demand(authority: Authority, context: ChangeContext, right: AdminRight): Promise<void> {
  await authority.demand(context.identity, right, context.handle, context.record.values)
}

function assertWritable(handle: Handle, value: HandleValue): void {
  if ((value.permissions & permission.adminWrite) !== 0) return
  throw new HandleError(
    'NOT_PERMITTED',
    `value ${value.index} of "${handle.text}" lacks the permission adminWrite`,
  )
}

function isAdmin(value: HandleValue): boolean {
  return value.type.toUpperCase() === structuredTypes.admin
}

function sameValue(left: HandleValue, right: HandleValue): boolean {
  return (
    left.type === right.type &&
    left.permissions === right.permissions &&
    left.ttl.kind === right.ttl.kind &&
    ttlNumber(left) === ttlNumber(right) &&
    Buffer.compare(left.data, right.data) === 0 &&
    JSON.stringify(left.references) === JSON.stringify(right.references)
  )
}

function ttlNumber({ ttl }: HandleValue): number {
  return ttl.kind === 'relative' ? ttl.seconds : ttl.atSeconds
}
