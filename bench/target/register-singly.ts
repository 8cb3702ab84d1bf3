import type { Prng } from '../../src/support/prng.ts'
import type { OperationResult } from '../workload/operation.ts'
import { isMutable } from '../workload/ordinal-classes.ts'
import type { RecordGenerator } from '../workload/record-generator.ts'
import { refusal, requestOf } from './handle-http-operation.ts'
import type { Exchanger, HttpAnswer } from './http-exchange.ts'
import { type Registered, registerEach } from './register-each.ts'
import { retried } from './retried.ts'
import type { BatchResult } from './target.ts'
import { TargetError } from './target-error.ts'

/** So many registrations of a range are under way at a time. */
const singlesInFlightMax = 8

/** Ordinals `from` (inclusive) to `to` (exclusive), and how they are registered one by one. */
export type SingleRegistrations = {
  readonly from: number
  readonly to: number
  readonly exchange: Exchanger
  readonly generator: RecordGenerator
  readonly authorization: string | undefined
  /** Spreads retries. */
  readonly prng: Prng
  /** Reads one back and compares it with what the generator made. */
  resolve(ordinal: number): Promise<OperationResult>
}

/**
 * Registers a range one by one, each tried again by itself where the server is busy or an answer is lost. An abort ends the trying
 * again; the range is finished. @throws TargetError of the first that cannot be registered
 */
export function registerSingly(
  registrations: SingleRegistrations,
  signal: AbortSignal,
): Promise<BatchResult> {
  const { from, to } = registrations
  const register = (ordinal: number) => registerOne(ordinal, registrations, signal)
  return registerEach({ from, to, inFlightMax: singlesInFlightMax, register })
}

/** What is there already counts as identical when it reads as the generator made it. */
async function registerOne(
  ordinal: number,
  registrations: SingleRegistrations,
  signal: AbortSignal,
): Promise<Registered> {
  const { exchange, generator, authorization, prng } = registrations
  const request = requestOf({
    operation: { kind: 'register', ordinal, revision: 0 },
    generator,
    authorization,
  })
  let lost = false
  const put = async (): Promise<HttpAnswer> => {
    const answer = await exchange.send(request, unhurried).catch((error: unknown) => {
      lost = true
      throw error
    })
    if (answer.status === 503) throw refusal(answer, `PUT ${request.path}`)
    return answer
  }
  const answer = await retried(put, { signal, prng })
  if (answer.status === 200 || answer.status === 201) return { counted: 'created' }
  if (answer.status !== 409) throw refusal(answer, `PUT ${request.path}`)
  // Whose answer was lost may have been registered by that very request, so it is taken for that.
  const counted = lost ? 'created' : 'identical'
  if (isMutable(ordinal)) return { counted }
  const difference = await retried(() => differenceOf(ordinal, registrations), { signal, prng })
  if (difference === undefined) return { counted }
  return { counted: 'failed', failure: `already there, but not the same: ${difference}` }
}

/** An interruption lets what is under way finish: cut off, nobody would know what became of it. */
const unhurried = new AbortController().signal

async function differenceOf(ordinal: number, { resolve }: SingleRegistrations): Promise<string | undefined> {
  const { outcome, detail } = await resolve(ordinal)
  if (outcome === 'ok') return undefined
  if (outcome === 'wrong') return detail ?? 'it reads otherwise'
  // Not an answer to the question whether it is the same.
  throw new TargetError('BUSY', `${outcome}: ${detail}`)
}
