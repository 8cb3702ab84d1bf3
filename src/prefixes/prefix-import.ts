import { isDeepStrictEqual } from 'node:util'
import { HandleError } from '../errors.ts'
import { prefixRecordHandle } from '../identifier/handle.ts'
import { decodeRecord, encodeRecord } from '../identifier/record-encoding.ts'
import { type HandleValue, recordLimits } from '../identifier/value.ts'
import { sameValues } from '../value-changes.ts'
import type { ExportedPrefix } from './exported-prefix.ts'
import { base64 } from './prefix-change.ts'
import { type AuditEntry, finishedState, type PrefixState } from './prefix-state.ts'

/** What a node knows of a prefix when another node's knowledge of it arrives. */
export type KnownPrefix = {
  /** Finished; of a prefix that is homed without a history what `withoutHistory` says. */
  readonly present: PrefixState | undefined
  readonly audit: readonly AuditEntry[]
  readonly record: Uint8Array | undefined
}

/** What became of an import: the prefix is new here, it has gone on from where this node knew it, or all of it was here. */
export type ImportOutcome = 'created' | 'advanced' | 'exists-identical'

/** What the arrival makes of the node: a state to keep, or of a prefix without history only its record. */
export type ImportChange =
  | { readonly outcome: 'exists-identical' }
  | { readonly outcome: 'created' | 'advanced'; readonly state: PrefixState }
  | { readonly outcome: 'created'; readonly record: Uint8Array }

/**
 * Compares what arrives with what is known. The same is no change; what goes on from what is known is taken.
 * @throws HandleError PREFIX_STATE for what contradicts it, REQUEST_TOO_LARGE.
 */
export function importChange(arriving: ExportedPrefix, known: KnownPrefix): ImportChange {
  const { state, audit, record } = arriving
  if (known.present !== undefined) demandSameBeginning(arriving, known.present, known)
  const isKnown = known.present?.revision === state.revision
  if (isKnown) return { outcome: 'exists-identical' }
  if (state.revision === 0) return { outcome: 'created', record: encoded(state.prefix, record ?? []) }
  const next = {
    ...state,
    ...recordChange(arriving, known),
    unaudited: audit.slice(known.present?.revision ?? 0),
  }
  const bytes = Buffer.byteLength(JSON.stringify(next))
  if (bytes <= recordLimits.dataBytesMax)
    return { outcome: known.present === undefined ? 'created' : 'advanced', state: next }
  const problem = `state, record and audit trail take ${bytes} bytes; expected at most ${recordLimits.dataBytesMax}`
  throw new HandleError('REQUEST_TOO_LARGE', problem)
}

/** What is to be made of the prefix's own record; one that is there already is the same. */
function recordChange(
  { state, record }: ExportedPrefix,
  known: KnownPrefix,
): Pick<PrefixState, 'pending' | 'keptRecord'> {
  const bytes = record === undefined ? undefined : base64(encoded(state.prefix, record))
  if (state.state === 'homed')
    return known.record === undefined && bytes !== undefined ? { pending: bytes } : {}
  const kept = bytes === undefined ? {} : { keptRecord: bytes }
  return known.record === undefined ? kept : { ...kept, pending: null }
}

function demandSameBeginning(
  { state, audit, record }: ExportedPrefix,
  present: PrefixState,
  known: KnownPrefix,
): void {
  const { prefix, revision } = state
  if (present.revision > revision)
    throw contradiction(
      prefix,
      `is at step ${present.revision} here, beyond step ${revision} of what arrives`,
    )
  for (const [place, entry] of known.audit.entries()) {
    if (sameJson(entry, audit[place])) continue
    const { action, by, at } = entry
    throw contradiction(prefix, `took another step ${place + 1} here: ${action} by ${by} at ${at}`)
  }
  if (
    present.revision === 0 &&
    audit[0] !== undefined &&
    audit[0].from !== 'homed' &&
    state.state !== 'homed'
  )
    throw contradiction(prefix, `is homed here without a history; what arrives is ${state.state}`)
  const isEqual = present.revision === revision
  if (isEqual && revision > 0 && !sameJson(withoutRecord(present), withoutRecord(state)))
    throw contradiction(prefix, `has the same steps here, but is not said the same of`)
  const here = known.record ?? (isEqual ? keptRecordOf(present) : undefined)
  if (record === undefined || here === undefined) return
  if (!sameValues(decodeRecord(here).values, record))
    throw contradiction(prefix, `has other values in ${prefixRecordHandle(prefix)} here`)
}

function contradiction(prefix: string, what: string): HandleError {
  return new HandleError('PREFIX_STATE', `prefix "${prefix}" ${what}; nothing of it is imported`)
}

function encoded(prefix: string, values: readonly HandleValue[]): Uint8Array {
  return encodeRecord({ handle: prefixRecordHandle(prefix), values })
}

function keptRecordOf({ keptRecord }: PrefixState): Uint8Array | undefined {
  return keptRecord ? Buffer.from(keptRecord, 'base64') : undefined
}

function withoutRecord(state: PrefixState) {
  const { keptRecord: _kept, ...others } = finishedState(state)
  return others
}

/** Whatever the order of the fields, and whether one is undefined or absent. */
function sameJson(left: unknown, right: unknown): boolean {
  return isDeepStrictEqual(asJson(left), asJson(right))
}

function asJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}
