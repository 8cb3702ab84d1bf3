import { parseHandle, prefixRecordHandle } from '../identifier/handle.ts'
import { decodeRecord } from '../identifier/record-encoding.ts'
import { isoSeconds } from '../identifier/value-json.ts'
import type { MutationResult, Precondition, Store } from '../store/store.ts'
import {
  auditKey,
  decodeState,
  encodeAudit,
  encodeState,
  stateKey,
  stateKeyPrefix,
} from './prefix-records.ts'
import { finishedState, isUnfinished, type PrefixState } from './prefix-state.ts'

const pageEntries = 500

/** Finishes every step that a crash has cut: before a node answers anybody. */
export async function finishSteps(store: Store): Promise<number> {
  let finished = 0
  let after: string | undefined
  do {
    const range = { keyPrefix: stateKeyPrefix, entriesMax: pageEntries }
    const page = await store.scan(after === undefined ? range : { ...range, after })
    for (const { value } of page.entries) {
      const state = decodeState(value)
      if (!isUnfinished(state)) continue
      await finishStep(store, state)
      finished++
    }
    after = page.cursor
  } while (after !== undefined)
  return finished
}

/**
 * Writes what is missing of the audit trail, makes or removes the record as the state says, then notes that it is done. Each is a commit
 * of its own, for engines whose commits are not atomic; whoever meets the state after a crash between two goes on. Safe to repeat, and safe to come late: another worker
 * or node may have finished this step and taken the next one meanwhile, which a record that is written now must not undo.
 */
export async function finishStep(
  store: Store,
  state: PrefixState,
): Promise<{ readonly state: PrefixState; readonly isHomed: boolean }> {
  const { pending, prefix, unaudited } = state
  const finished = finishedState(state)
  for (const entry of [unaudited ?? []].flat()) {
    await store.commit([
      { key: auditKey(prefix, entry.revision), value: encodeAudit(entry), precondition: { kind: 'absent' } },
    ])
  }
  if (pending === undefined) {
    await note(store, state)
    return { state: finished, isHomed: state.state === 'homed' }
  }
  const key = recordKey(state.prefix)
  const value = typeof pending === 'string' ? Buffer.from(pending, 'base64') : undefined
  const isHomed = value !== undefined
  // A record that is there already may have been edited by its administrator since.
  const precondition: Precondition = { kind: isHomed ? 'absent' : 'none' }
  const [written] = await store.commit([{ key, value, precondition }])
  const noted = await note(store, state)
  if (noted?.applied === true || noted?.previous === undefined) return { state: finished, isHomed }
  const present = decodeState(noted.previous)
  if ((present.state === 'homed') === isHomed) return { state: finished, isHomed }
  if (written?.applied === true) {
    const untouched: Precondition = value === undefined ? { kind: 'absent' } : { kind: 'equals', value }
    await store.commit([{ key, value: written.previous, precondition: untouched }])
  }
  return { state: finished, isHomed: !isHomed }
}

/** Notes that a step is finished, unless the next one was taken meanwhile. */
async function note(store: Store, state: PrefixState): Promise<MutationResult | undefined> {
  const precondition: Precondition = { kind: 'equals', value: encodeState(state) }
  const value = encodeState(finishedState(state))
  const [noted] = await store.commit([{ key: stateKey(state.prefix), value, precondition }])
  return noted
}

/** A prefix that was homed by configuration or over the wire has a record and no history. */
export function withoutHistory(prefix: string, record: Uint8Array | undefined): PrefixState | undefined {
  if (record === undefined) return undefined
  const { values } = decodeRecord(record)
  const since = isoSeconds(values[0]?.timestampSeconds ?? 0)
  return { prefix, state: 'homed', revision: 0, enterprise: '', contact: '', applicant: '', since }
}

/** The key of the record that homes a prefix. */
export function recordKey(prefix: string): string {
  return parseHandle(prefixRecordHandle(prefix)).key
}
