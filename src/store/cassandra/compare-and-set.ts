import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, errors, type QueryOptions, types } from 'cassandra-driver'
import { HandleError } from '../../errors.ts'
import type { Clock } from '../../support/clock.ts'
import { holds } from '../preconditions.ts'
import type { Mutation, MutationResult, Precondition } from '../store.ts'
import { attemptTimeoutMs, consistencyOf, serialConsistencyOf } from './cassandra-client.ts'
import { cassandraError, isOutcomeUnknown, mayPassSoon } from './cassandra-errors.ts'
import type { CassandraMetrics } from './cassandra-metrics.ts'
import type { CassandraOptions } from './cassandra-options.ts'
import { deletionTraceSeconds } from './cassandra-schema.ts'

type Parts = {
  readonly client: Client
  readonly options: CassandraOptions
  readonly clock: Clock
  readonly metrics: CassandraMetrics
  /** Called when the cluster shows that it is asked too much. */
  readonly overloaded: () => void
}

/** A row as a serial read finds it; all undefined where there is none. */
type Settled = {
  readonly record: Uint8Array | undefined
  readonly registration: types.Uuid | undefined
  readonly creation: types.Uuid | undefined
}

type Change = {
  readonly key: string
  readonly expected: Uint8Array | undefined
  readonly value: Uint8Array | undefined
  readonly deadlineMs: number
}

type Outcome = { readonly applied: boolean; readonly present: Uint8Array | undefined }

/**
 * Writes single records by a lightweight transaction (Paxos): `IF record = what it is expected to be`, which holds for an
 * absent one too. Each write carries an id of its own, which stays in the row: `registration` is the last write's, `creation`
 * the one's that made the record. Where an answer is lost, a serial read of them tells mine, another's, or not done.
 */
export class CompareAndSet {
  readonly #parts: Parts
  readonly #create: string
  readonly #replace: string
  readonly #remove: string
  readonly #select: string

  constructor(parts: Parts) {
    this.#parts = parts
    const table = `${parts.options.keyspace}.records`
    const condition = 'WHERE handle = ? IF record = ?'
    this.#create = `UPDATE ${table} SET record = ?, registration = ?, creation = ? ${condition}`
    this.#replace = `UPDATE ${table} SET record = ?, registration = ? ${condition}`
    // The trace of who removed it goes by itself.
    this.#remove = `UPDATE ${table} USING TTL ${deletionTraceSeconds} SET record = ?, registration = ?, creation = null ${condition}`
    this.#select = `SELECT record, registration, creation FROM ${table} WHERE handle = ?`
  }

  /**
   * @throws HandleError STORE_UNAVAILABLE or SERVER_BUSY where nothing was changed, STORE_OUTCOME_UNKNOWN where it may have
   * been; each within the time that the options give.
   */
  async apply({ key, value, precondition }: Mutation): Promise<MutationResult> {
    const deadlineMs = this.#nowMs() + this.#parts.options.requestTimeoutMs
    let expected = await this.#firstExpectation(key, precondition)
    for (;;) {
      if (!holds(precondition, expected)) return { applied: false, previous: expected }
      // Deleting what is not there changes nothing and needs no agreement.
      if (value === undefined && expected === undefined) {
        expected = (await this.#readSerial(key)).record
        if (expected === undefined) return { applied: true, previous: undefined }
        continue
      }
      const outcome = await this.#swap({ key, expected, value, deadlineMs })
      if (outcome.applied) return { applied: true, previous: expected }
      expected = outcome.present
      if (this.#nowMs() > deadlineMs)
        throw new HandleError('SERVER_BUSY', `"${key}" was changed by others all the time`)
    }
  }

  /** What to expect without asking where the precondition says it, and what is there where it does not. */
  async #firstExpectation(key: string, precondition: Precondition): Promise<Uint8Array | undefined> {
    switch (precondition.kind) {
      case 'absent':
        return undefined
      case 'equals':
        return precondition.value
      case 'none':
      case 'present':
        return (await this.#readSerial(key)).record
    }
  }

  /** Repeats one and the same write, with the same id, until it is known what became of it. */
  async #swap(change: Change): Promise<Outcome> {
    const { options, metrics, overloaded } = this.#parts
    const id = types.Uuid.random()
    let isUncertain = false
    let silentHost: string | undefined
    for (let attempt = 0; ; attempt++) {
      try {
        const outcome = await this.#send(change, id, silentHost)
        if (!outcome.applied && isUncertain) return await this.#settle(change, id)
        if (isUncertain) metrics.outcomeSettled('not_done')
        return outcome
      } catch (error) {
        if (error instanceof HandleError) throw error
        isUncertain ||= isOutcomeUnknown(error)
        silentHost = error instanceof errors.OperationTimedOutError ? error.host : silentHost
        if (isUncertain || mayPassSoon(error)) overloaded()
        const isTimeLeft = this.#nowMs() + attemptTimeoutMs(options) < change.deadlineMs
        if (!(isUncertain || mayPassSoon(error)) || !isTimeLeft)
          throw isUncertain ? unknownOutcome(change.key, error) : cassandraError('writing', error)
      }
      metrics.writeRetries++
      // Those who were all turned back must not come back together.
      await sleep(randomInt(1, Math.min(retryDelayMsMax, 10 * 2 ** attempt) + 1))
    }
  }

  async #send(
    { key, expected, value }: Change,
    id: types.Uuid,
    silentHost: string | undefined,
  ): Promise<Outcome> {
    const isCreation = expected === undefined
    const statement = isCreation ? this.#create : value === undefined ? this.#remove : this.#replace
    const parameters = [blobOf(value), id, ...(isCreation ? [id] : []), key, blobOf(expected)]
    const result = await this.#parts.client.execute(statement, parameters, this.#writing(silentHost))
    if (result.wasApplied()) return { applied: true, present: undefined }
    const row = result.first()
    const present = row === null || !row.keys().includes('record') ? undefined : recordOf(row)
    return { applied: false, present }
  }

  /** What became of a write whose answer was lost and that cannot be made any more. */
  async #settle(change: Change, id: types.Uuid): Promise<Outcome> {
    const { metrics } = this.#parts
    const isCreation = change.expected === undefined
    const { record, registration, creation } = await this.#readSerial(change.key).catch((error: unknown) => {
      throw unknownOutcome(change.key, error)
    })
    // Whoever changed a record since has left who made it.
    if (registration?.equals(id) || (isCreation && creation?.equals(id))) {
      metrics.outcomeSettled('mine')
      return { applied: true, present: undefined }
    }
    // A replacement that was replaced in its turn has left no trace that would tell it from one that never was.
    if (!isCreation) {
      metrics.outcomeSettled('unknown')
      throw unknownOutcome(change.key)
    }
    metrics.outcomeSettled('anothers')
    return { applied: false, present: record }
  }

  async #readSerial(key: string): Promise<Settled> {
    const consistency = serialConsistencyOf(this.#parts.options)
    try {
      const options = { consistency, isIdempotent: true }
      const row = (await this.#parts.client.execute(this.#select, [key], options)).first()
      if (row === null) return { record: undefined, registration: undefined, creation: undefined }
      return {
        record: recordOf(row),
        registration: (row.get('registration') as types.Uuid | null) ?? undefined,
        creation: (row.get('creation') as types.Uuid | null) ?? undefined,
      }
    } catch (error) {
      throw cassandraError('reading', error)
    }
  }

  /** Not idempotent to the driver: only this code may send it again, because it alone knows what to ask first. */
  #writing(silentHost: string | undefined): QueryOptions {
    const { options, client } = this.#parts
    const others = client.hosts
      .values()
      .filter((host) => host.address !== silentHost && host.isUp() && host.datacenter === options.dataCenter)
    // A node that gave no answer is not asked for the same thing again while there is another.
    const host = silentHost === undefined ? undefined : others[others.length && randomInt(others.length)]
    return {
      consistency: consistencyOf(options.consistency),
      serialConsistency: serialConsistencyOf(options),
      isIdempotent: false,
      ...(host === undefined ? {} : { host }),
    }
  }

  #nowMs(): number {
    return this.#parts.clock.nowNs() / 1e6
  }
}

const retryDelayMsMax = 250

function unknownOutcome(key: string, cause?: unknown): HandleError {
  const problem = `the cluster did not say in time whether the change of "${key}" was made: read it before trying again`
  return new HandleError('STORE_OUTCOME_UNKNOWN', problem, { cause })
}

function recordOf(row: types.Row): Uint8Array | undefined {
  const record = row.get('record') as Buffer | null
  return record ?? undefined
}

function blobOf(bytes: Uint8Array | undefined): Buffer | null {
  return bytes === undefined ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
