import type { Identity } from '../authenticator.ts'
import type { Authority } from '../authority.ts'
import type { Cache } from '../cache/cache.ts'
import { HandleError } from '../errors.ts'
import type { HomedPrefixes } from '../homed-prefixes.ts'
import { foldAscii, isPrefix } from '../identifier/handle.ts'
import { isoSeconds } from '../identifier/value-json.ts'
import { absent, unchangedSince } from '../record-writer.ts'
import type { ResolvedRecord } from '../resolved-record.ts'
import type { Store } from '../store/store.ts'
import { type Clock, nowSeconds } from '../support/clock.ts'
import { InFlightLimit } from '../support/in-flight-limit.ts'
import type { ExportedPrefix } from './exported-prefix.ts'
import { finishStep, recordKey, withoutHistory } from './finish-steps.ts'
import { changeOf, nameOf, reasonCharactersMax, type StepRequest } from './prefix-change.ts'
import { type ImportOutcome, importChange } from './prefix-import.ts'
import { auditTrail, demandReviewer } from './prefix-queries.ts'
import { decodeState, encodeState, stateKey } from './prefix-records.ts'
import { type AuditEntry, isUnfinished, type PrefixState, prefixSteps, stateAfter } from './prefix-state.ts'

type Parts = {
  readonly store: Store
  readonly cache: Cache<ResolvedRecord>
  readonly prefixes: HomedPrefixes
  readonly authority: Authority
  readonly clock: Clock
}

const conflictsMax = 16

/**
 * The life of enterprise prefixes below those that are homed here. A step is one commit of the state, on condition that no other step
 * came between. Its entry in the audit trail and the prefix's record follow, which the state notes until they are there, so that
 * a step that a crash has cut is finished by whoever meets it next.
 */
export class PrefixLife {
  readonly #parts: Parts
  readonly #oneAtATime = new InFlightLimit({ least: 1, most: 1 })

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** @throws HandleError PREFIX_STATE, NOT_PERMITTED, NOT_RESPONSIBLE, INVALID_VALUE, INVALID_HANDLE */
  async take(request: StepRequest): Promise<PrefixState> {
    const prefix = foldAscii(request.prefix)
    this.#demandParent(prefix)
    const { needsReason, by } = prefixSteps[request.action]
    if (needsReason && !request.reason?.trim())
      throw new HandleError('INVALID_VALUE', `reason is "${request.reason ?? ''}"; expected why, in words`)
    if (request.reason !== undefined && request.reason.length > reasonCharactersMax) {
      const problem = `reason has ${request.reason.length} characters; expected at most ${reasonCharactersMax}`
      throw new HandleError('INVALID_VALUE', problem)
    }
    if (by === 'reviewer') await demandReviewer(this.#parts.authority, request.identity, prefix)
    return this.#oneAtATime.run(() => this.#inTurn(prefix, () => this.#attempt({ ...request, prefix })))
  }

  /**
   * Takes over what another node knows of a prefix, with its history and its record. What is here already is left as it is, so that
   * an import may be repeated. @throws HandleError PREFIX_STATE for what contradicts this node, NOT_PERMITTED, NOT_RESPONSIBLE
   */
  async bring(arriving: ExportedPrefix, identity: Identity): Promise<ImportOutcome> {
    const { prefix } = arriving.state
    this.#demandParent(prefix)
    await demandReviewer(this.#parts.authority, identity, prefix)
    return this.#oneAtATime.run(() => this.#inTurn(prefix, () => this.#attemptImport(arriving)))
  }

  async #inTurn<Outcome>(prefix: string, attempt: () => Promise<Outcome | undefined>): Promise<Outcome> {
    for (let conflicts = 0; conflicts < conflictsMax; conflicts++) {
      const taken = await attempt()
      if (taken !== undefined) return taken
    }
    throw new HandleError(
      'SERVER_BUSY',
      `prefix "${prefix}" was changed by others ${conflictsMax} times meanwhile`,
    )
  }

  /** Undefined when another step came between reading and writing. */
  async #attempt(request: StepRequest): Promise<PrefixState | undefined> {
    const { prefix, action } = request
    const { clock } = this.#parts
    const known = await this.#known(prefix)
    if (known === undefined) return undefined
    const { encoded, record, present } = known
    const to = stateAfter(action, present)
    if (prefixSteps[action].by === 'applicant') demandApplicant(request, present)
    const since = isoSeconds(nowSeconds(clock))
    const change = changeOf(request, { present, record, to, nowSeconds: nowSeconds(clock) })
    const revision = (present?.revision ?? 0) + 1
    const said = request.reason === undefined ? {} : { reason: request.reason }
    const by = nameOf(request.identity)
    const entry: AuditEntry = { prefix, revision, action, from: present?.state, to, by, at: since, ...said }
    const next: PrefixState = { ...change, state: to, revision, since, unaudited: entry }
    return this.#keep(next, encoded)
  }

  /** Undefined when a step came between reading and writing. */
  async #attemptImport(arriving: ExportedPrefix): Promise<ImportOutcome | undefined> {
    const { store, cache, prefixes } = this.#parts
    const { prefix } = arriving.state
    const known = await this.#known(prefix)
    if (known === undefined) return undefined
    // A step that was taken since the state was read is not of that state: keeping the next one fails, and all is read again.
    const audit = (known.encoded === undefined ? [] : await auditTrail(store, prefix)).filter(
      ({ revision }) => revision <= (known.present?.revision ?? 0),
    )
    const change = importChange(arriving, { ...known, audit })
    if ('state' in change)
      return (await this.#keep(change.state, known.encoded)) === undefined ? undefined : change.outcome
    if ('record' in change) {
      const key = recordKey(prefix)
      const mutation = { key, value: change.record, precondition: absent }
      const [written] = await store.commit([mutation]).catch((error: unknown) => {
        // It may have been made.
        cache.invalidate(key)
        throw error
      })
      if (written?.applied !== true) return undefined
      cache.invalidate(key)
      prefixes.note(key, { exists: true })
    }
    return change.outcome
  }

  /** What is known of a prefix; undefined where a step had to be finished first. */
  async #known(prefix: string) {
    const { store } = this.#parts
    const encoded = await store.get(stateKey(prefix))
    const record = await store.get(recordKey(prefix))
    const present = encoded === undefined ? withoutHistory(prefix, record) : decodeState(encoded)
    if (present === undefined || !isUnfinished(present)) return { encoded, record, present }
    await this.#finish(present)
    return undefined
  }

  /** Undefined when the state is no longer `previous`. */
  async #keep(next: PrefixState, previous: Uint8Array | undefined): Promise<PrefixState | undefined> {
    const mutation = {
      key: stateKey(next.prefix),
      value: encodeState(next),
      precondition: unchangedSince(previous),
    }
    const [committed] = await this.#parts.store.commit([mutation])
    return committed?.applied === true ? this.#finish(next) : undefined
  }

  /** Does what the state says is still to be done, then tells this node's cache and prefixes of it. */
  async #finish(state: PrefixState): Promise<PrefixState> {
    const { store, cache, prefixes } = this.#parts
    const finished = await finishStep(store, state)
    if (state.pending === undefined) return finished.state
    const key = recordKey(state.prefix)
    cache.invalidate(key)
    prefixes.note(key, { exists: finished.isHomed })
    return finished.state
  }

  /** Only what lies below a prefix that is homed here can be given. */
  #demandParent(prefix: string): void {
    const dot = prefix.lastIndexOf('.')
    const parent = prefix.slice(0, Math.max(0, dot))
    if (!isPrefix(prefix) || dot < 0) {
      const problem = `prefix is "${prefix}"; expected one below a homed prefix, such as 88.118.8`
      throw new HandleError('INVALID_HANDLE', problem)
    }
    if (this.#parts.prefixes.has(parent)) return
    const problem = `prefix "${parent}" is not homed at this node, so nothing below it is given here`
    throw new HandleError('NOT_RESPONSIBLE', problem)
  }
}

/** Applying is open to everyone who proves an identity; taking an application back to who made it. */
function demandApplicant({ action, identity }: StepRequest, present: PrefixState | undefined): void {
  if (action === 'apply' || present?.applicant === nameOf(identity)) return
  throw new HandleError('NOT_PERMITTED', `${nameOf(identity)} is not who applied for the prefix`)
}
