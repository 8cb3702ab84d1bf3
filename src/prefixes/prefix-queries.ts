import type { Identity } from '../authenticator.ts'
import type { Authority } from '../authority.ts'
import { HandleError } from '../errors.ts'
import { foldAscii, isPrefix, parseHandle, prefixRecordHandle } from '../identifier/handle.ts'
import type { Store } from '../store/store.ts'
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
    const entries: AuditEntry[] = []
    let after: string | undefined
    do {
      const page = await this.#parts.store.scan({
        keyPrefix: auditKeyPrefix(folded),
        entriesMax: pageEntries,
        ...(after === undefined ? {} : { after }),
      })
      entries.push(...page.entries.map(({ value }) => decodeAudit(value)))
      after = page.cursor
    } while (after !== undefined)
    return entries
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
    let after = range.after === undefined ? undefined : stateKey(foldAscii(range.after))
    do {
      const page = await this.#parts.store.scan({
        keyPrefix: stateKeyPrefix,
        entriesMax: pageEntries,
        ...(after === undefined ? {} : { after }),
      })
      for (const { value } of page.entries) {
        const state = decodeState(value)
        if (range.state !== undefined && state.state !== range.state) continue
        if (!(await this.#isReviewer(identity, state.prefix))) continue
        found.push(finishedState(state))
        if (found.length > range.prefixesMax) {
          const prefixes = found.slice(0, range.prefixesMax)
          return { prefixes, cursor: prefixes.at(-1)?.prefix ?? '' }
        }
      }
      after = page.cursor
    } while (after !== undefined)
    return { prefixes: found }
  }

  async #isReviewer(identity: Identity, prefix: string): Promise<boolean> {
    try {
      await demandReviewer(this.#parts.authority, identity, prefix)
      return true
    } catch (error) {
      if (error instanceof HandleError && error.code === 'NOT_PERMITTED') return false
      throw error
    }
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

function prefixFrom(text: string): string {
  if (isPrefix(text)) return foldAscii(text)
  throw new HandleError('INVALID_HANDLE', `prefix is "${text}"; expected one such as 88.118.8`)
}

const pageEntries = 500
