import type { Identity } from '../authenticator.ts'
import type { Authority } from '../authority.ts'
import { HandleError } from '../errors.ts'
import { recordKeyPrefix } from '../homed-prefixes.ts'
import { foldAscii, isPrefix, parseHandle, prefixRecordHandle } from '../identifier/handle.ts'
import { decodeRecord } from '../identifier/record-encoding.ts'
import { type HandleValue, permission } from '../identifier/value.ts'
import type { ScanPage, Store } from '../store/store.ts'
import type { ExportedPrefix } from './exported-prefix.ts'
import { recordKey, withoutHistory } from './finish-steps.ts'
import { nameOf } from './prefix-change.ts'
import { auditKeyPrefix, decodeAudit, decodeState, stateKey, stateKeyPrefix } from './prefix-records.ts'
import { type AuditEntry, finishedState, type PrefixState, type PrefixStateName } from './prefix-state.ts'

/** What there is to know of enterprise prefixes, for whoever applied and for reviewers. */
export class PrefixQueries {
  readonly #parts: { readonly store: Store; readonly authority: Authority }

  constructor(parts: { readonly store: Store; readonly authority: Authority }) {
    this.#parts = parts
  }

  /** For whoever applied and for reviewers. @throws HandleError HANDLE_NOT_FOUND, NOT_PERMITTED */
  async show(prefix: string, identity: Identity): Promise<PrefixState> {
    return this.#visible(prefixFrom(prefix), identity)
  }

  /** Every step that was taken, the oldest first. */
  async audit(prefix: string, identity: Identity): Promise<AuditEntry[]> {
    const folded = prefixFrom(prefix)
    await this.#visible(folded, identity)
    return auditTrail(this.#parts.store, folded)
  }

  /** Prefixes in order, those that the identity may review; `after` continues behind one. */
  async list(
    identity: Identity,
    range: {
      readonly state?: PrefixStateName | undefined
      readonly after?: string | undefined
      readonly prefixesMax: number
    },
  ): Promise<{ readonly prefixes: readonly PrefixState[]; readonly cursor?: string }> {
    const found: PrefixState[] = []
    for await (const state of this.#reviewed(identity, range)) {
      found.push(finishedState(state))
      if (found.length > range.prefixesMax) {
        const prefixes = found.slice(0, range.prefixesMax)
        return { prefixes, cursor: prefixes.at(-1)?.prefix ?? '' }
      }
    }
    return { prefixes: found }
  }

  /**
   * What `PrefixLife.bring` takes at another node, of every prefix that the identity may review, in order, so that a prefix comes
   * before those below it. Without a record that the identity may not read.
   */
  async *exported(identity: Identity): AsyncGenerator<ExportedPrefix> {
    const all = inPrefixOrder(this.#reviewed(identity, {}), this.#homedWithoutHistory(identity))
    for await (const state of all) yield await this.#exported(state, identity)
  }

  async *#homedWithoutHistory(identity: Identity): AsyncGenerator<PrefixState> {
    const { store } = this.#parts
    for await (const { key, value } of entriesUnder(store, recordKeyPrefix)) {
      const prefix = key.slice(recordKeyPrefix.length)
      if ((await store.get(stateKey(prefix))) !== undefined) continue
      const state = withoutHistory(prefix, value)
      if (state !== undefined && (await this.#isReviewer(identity, prefix))) yield state
    }
  }

  async #exported(raw: PrefixState, identity: Identity): Promise<ExportedPrefix> {
    const { prefix, revision, keptRecord, pending, unaudited } = raw
    const { keptRecord: _kept, ...state } = finishedState(raw)
    const written = await auditTrail(this.#parts.store, prefix)
    // A step may have been taken since, and one that a crash has cut has its entry still in the state.
    const audit = written.filter((entry) => entry.revision <= revision)
    audit.push(...[unaudited ?? []].flat().filter((entry) => entry.revision > audit.length))
    const held = keptRecord ?? pending
    const record =
      typeof held === 'string' ? Buffer.from(held, 'base64') : await this.#parts.store.get(recordKey(prefix))
    const isBack = state.state === 'homed' || state.suspendedFrom === 'homed'
    if (!isBack || record === undefined || record.length === 0) return { state, audit, record: undefined }
    const { values } = decodeRecord(record)
    const mayRead = values.every(isPublic) || (await this.#mayReadRecord(identity, prefix, values))
    return { state, audit, record: mayRead ? values : undefined }
  }

  /** States as they are kept, of prefixes that the identity may review. */
  async *#reviewed(
    identity: Identity,
    {
      state: wanted,
      after,
    }: { readonly state?: PrefixStateName | undefined; readonly after?: string | undefined },
  ): AsyncGenerator<PrefixState> {
    const start = after === undefined ? undefined : stateKey(foldAscii(after))
    for await (const { value } of entriesUnder(this.#parts.store, stateKeyPrefix, start)) {
      const state = decodeState(value)
      if (wanted !== undefined && state.state !== wanted) continue
      if (await this.#isReviewer(identity, state.prefix)) yield state
    }
  }

  async #mayReadRecord(identity: Identity, prefix: string, values: readonly HandleValue[]): Promise<boolean> {
    const handle = parseHandle(prefixRecordHandle(prefix))
    return isPermitted(this.#parts.authority.demand(identity, 'readValue', handle, values))
  }

  #isReviewer(identity: Identity, prefix: string): Promise<boolean> {
    return isPermitted(demandReviewer(this.#parts.authority, identity, prefix))
  }

  async #visible(prefix: string, identity: Identity): Promise<PrefixState> {
    const encoded = await this.#parts.store.get(stateKey(prefix))
    const record = encoded === undefined ? await this.#parts.store.get(recordKey(prefix)) : undefined
    const state = encoded === undefined ? withoutHistory(prefix, record) : finishedState(decodeState(encoded))
    if (state !== undefined && state.applicant === nameOf(identity)) return state
    await demandReviewer(this.#parts.authority, identity, prefix)
    if (state === undefined)
      throw new HandleError('HANDLE_NOT_FOUND', `prefix "${prefix}" has no application`)
    return state
  }
}

/** @throws HandleError NOT_PERMITTED unless the identity may give what lies below the parent prefix. */
export async function demandReviewer(
  authority: Authority,
  identity: Identity,
  prefix: string,
): Promise<void> {
  await authority.demandOverPrefix(identity, 'addDerivedPrefix', parseHandle(prefixRecordHandle(prefix)))
}

/** Every step that was taken, the oldest first. `prefix` is folded. */
export async function auditTrail(store: Store, prefix: string): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = []
  for await (const { value } of entriesUnder(store, auditKeyPrefix(prefix))) entries.push(decodeAudit(value))
  return entries
}

async function* entriesUnder(
  store: Store,
  keyPrefix: string,
  start?: string,
): AsyncGenerator<ScanPage['entries'][number]> {
  let after = start
  do {
    const range = { keyPrefix, entriesMax: pageEntries }
    const page = await store.scan(after === undefined ? range : { ...range, after })
    yield* page.entries
    after = page.cursor
  } while (after !== undefined)
}

async function isPermitted(demand: Promise<void>): Promise<boolean> {
  try {
    await demand
    return true
  } catch (error) {
    if (error instanceof HandleError && error.code === 'NOT_PERMITTED') return false
    throw error
  }
}

function isPublic({ permissions }: HandleValue): boolean {
  return (permissions & permission.publicRead) !== 0
}

/** The prefix, folded. @throws HandleError INVALID_HANDLE */
export function prefixFrom(text: string): string {
  if (isPrefix(text)) return foldAscii(text)
  throw new HandleError('INVALID_HANDLE', `prefix is "${text}"; expected one such as 88.118.8`)
}

const pageEntries = 500

/** Two sequences that are in the order of their keys as one. */
async function* inPrefixOrder(
  left: AsyncGenerator<PrefixState>,
  right: AsyncGenerator<PrefixState>,
): AsyncGenerator<PrefixState> {
  let [ofLeft, ofRight] = [await left.next(), await right.next()]
  while (ofLeft.done !== true || ofRight.done !== true) {
    const isLeft =
      ofRight.done === true ||
      (ofLeft.done !== true && foldAscii(ofLeft.value.prefix) < foldAscii(ofRight.value.prefix))
    yield (isLeft ? ofLeft : ofRight).value as PrefixState
    if (isLeft) ofLeft = await left.next()
    else ofRight = await right.next()
  }
}
