import { type Client, types } from 'cassandra-driver'
import { HandleError } from '../../errors.ts'
import { holds } from '../preconditions.ts'
import type { Mutation, MutationResult, Precondition } from '../store.ts'
import { consistencyOf, serialConsistencyOf } from './cassandra-client.ts'
import { cassandraError, isOutcomeUnknown } from './cassandra-errors.ts'
import type { CassandraOptions } from './cassandra-options.ts'
import { deletionTraceSeconds } from './cassandra-schema.ts'

/** Conflicts with other writers of one key that are tried again: writers of one record are few. */
const conflictsMax = 100
/** Answers that never came, after which the outcome is left unknown and told as such. */
const unknownsMax = 4

/**
 * Writes single records by a lightweight transaction (Paxos): `IF record = what it is expected to be`, which holds for an
 * absent one too. Each write carries a registration id of its own; where an answer is lost, a serial read of that id tells
 * mine, another's, or not done.
 */
export class CompareAndSet {
  readonly #client: Client
  readonly #update: string
  readonly #select: string
  readonly #options: CassandraOptions

  constructor(client: Client, options: CassandraOptions) {
    this.#client = client
    this.#options = options
    const { keyspace } = options
    this.#update = `UPDATE ${keyspace}.records USING TTL ? SET record = ?, registration = ? WHERE handle = ? IF record = ?`
    this.#select = `SELECT record, registration FROM ${keyspace}.records WHERE handle = ?`
  }

  /** @throws HandleError STORE_UNAVAILABLE where the cluster does not answer, or leaves the outcome open. */
  async apply({ key, value, precondition }: Mutation): Promise<MutationResult> {
    let expected = await this.#firstExpectation(key, precondition)
    for (let conflicts = 0; conflicts < conflictsMax; conflicts++) {
      if (!holds(precondition, expected)) return { applied: false, previous: expected }
      // Deleting what is not there changes nothing and needs no agreement.
      if (value === undefined && expected === undefined) {
        const present = await this.#readSerial(key)
        if (present.record === undefined) return { applied: true, previous: undefined }
        expected = present.record
        continue
      }
      const outcome = await this.#swap(key, { expected, value })
      if (outcome.applied) return { applied: true, previous: expected }
      expected = outcome.present
    }
    throw new HandleError('SERVER_BUSY', `"${key}" was changed by others ${conflictsMax} times meanwhile`)
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

  async #swap(
    key: string,
    change: { readonly expected: Uint8Array | undefined; readonly value: Uint8Array | undefined },
  ): Promise<{ readonly applied: boolean; readonly present: Uint8Array | undefined }> {
    const registration = types.Uuid.random()
    const ttlSeconds = change.value === undefined ? deletionTraceSeconds : 0
    const parameters = [ttlSeconds, blobOf(change.value), registration, key, blobOf(change.expected)]
    for (let unknowns = 0; ; unknowns++) {
      try {
        const result = await this.#client.execute(this.#update, parameters, this.#writing())
        if (result.wasApplied()) return { applied: true, present: undefined }
        const row = result.first()
        const present = row === null || !row.keys().includes('record') ? undefined : recordOf(row)
        return { applied: false, present }
      } catch (error) {
        if (!isOutcomeUnknown(error) || unknowns >= unknownsMax) throw cassandraError('writing', error)
        // A serial read finishes what is under way, so afterwards the outcome is settled.
        const settled = await this.#readSerial(key)
        if (settled.registration?.equals(registration)) return { applied: true, present: undefined }
        if (!same(settled.record, change.expected)) return { applied: false, present: settled.record }
      }
    }
  }

  async #readSerial(
    key: string,
  ): Promise<{ readonly record: Uint8Array | undefined; readonly registration: types.Uuid | undefined }> {
    const consistency = serialConsistencyOf(this.#options.consistency)
    for (let attempt = 0; ; attempt++) {
      try {
        const result = await this.#client.execute(this.#select, [key], { consistency, isIdempotent: true })
        const row = result.first()
        if (row === null) return { record: undefined, registration: undefined }
        const registration = row.get('registration') as types.Uuid | null
        return { record: recordOf(row), registration: registration ?? undefined }
      } catch (error) {
        // Contention of several proposers ends a serial read like a time-out.
        if (attempt >= unknownsMax || !(isOutcomeUnknown(error) || isReadTimeout(error)))
          throw cassandraError('reading', error)
      }
    }
  }

  /** Not idempotent to the driver: only this code may send it again, because it alone knows what to ask first. */
  #writing() {
    const { consistency } = this.#options
    return {
      consistency: consistencyOf(consistency),
      serialConsistency: serialConsistencyOf(consistency),
      isIdempotent: false,
    }
  }
}

function recordOf(row: types.Row): Uint8Array | undefined {
  const record = row.get('record') as Buffer | null
  return record ?? undefined
}

function blobOf(bytes: Uint8Array | undefined): Buffer | null {
  return bytes === undefined ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function same(left: Uint8Array | undefined, right: Uint8Array | undefined): boolean {
  if (left === undefined || right === undefined) return left === right
  return Buffer.compare(left, right) === 0
}

function isReadTimeout(error: unknown): boolean {
  return (error as { code?: unknown }).code === types.responseErrorCodes.readTimeout
}
