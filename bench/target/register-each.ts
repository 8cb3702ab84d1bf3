import type { BatchResult } from './target.ts'

/** What became of one registration, and why where it failed. */
export type Registered = {
  readonly counted: 'created' | 'identical' | 'failed'
  readonly failure?: string
}

export type Registrations = {
  /** Ordinals `from` (inclusive) to `to` (exclusive). */
  readonly from: number
  readonly to: number
  /** So many are under way at a time. */
  readonly inFlightMax: number
  register(ordinal: number): Promise<Registered>
}

/**
 * Registers a range one by one and counts what became of each. The first that throws lets no further one begin; those under way are
 * waited for. @throws what the first threw
 */
export async function registerEach({ from, to, inFlightMax, register }: Registrations): Promise<BatchResult> {
  const counts = { created: 0, identical: 0, failed: 0 }
  let firstFailure: string | undefined
  let next = from
  let broken: unknown
  const work = async (): Promise<void> => {
    while (next < to && broken === undefined) {
      const { counted, failure } = await register(next++)
      counts[counted] += 1
      firstFailure ??= failure
    }
  }
  const keepFirst = (error: unknown): void => {
    broken ??= error
  }
  await Promise.all(Array.from({ length: inFlightMax }, () => work().catch(keepFirst)))
  if (broken !== undefined) throw broken
  return { ...counts, ...(firstFailure === undefined ? {} : { firstFailure }) }
}
