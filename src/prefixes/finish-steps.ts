import { parseHandle, prefixRecordHandle } from '../identifier/handle.ts'
import { decodeRecord } from '../identifier/record-encoding.ts'
import { isoSeconds } from '../identifier/value-json.ts'
import type { Store } from '../store/store.ts'
import { decodeState, encodeState, stateKey, stateKeyPrefix } from './prefix-records.ts'
import type { PrefixState } from './prefix-state.ts'

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
      if (state.pending === undefined) continue
      await finishStep(store, state)
      finished++
    }
    after = page.cursor
  } while (after !== undefined)
  return finished
}

/** Safe to repeat: whoever comes second finds it done. */
export async function finishStep(store: Store, state: PrefixState): Promise<PrefixState> {
  const { pending, ...finished } = state
  const value = typeof pending === 'string' ? Buffer.from(pending, 'base64') : undefined
  await store.commit([{ key: recordKey(state.prefix), value, precondition: { kind: 'none' } }])
  const unchanged = { kind: 'equals', value: encodeState(state) } as const
  await store.commit([{ key: stateKey(state.prefix), value: encodeState(finished), precondition: unchanged }])
  return finished
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
