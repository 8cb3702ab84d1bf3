import { type Operation, type OperationResult, ordinalsOf } from '../workload/operation.ts'

/** So many registrations of a batch are under way at a time. */
const singlesInFlightMax = 8

/**
 * Performs a bulk registration where the target takes none: its identifiers one by one, several at a time. What came of it is
 * the first that is not ok, after which no more are sent; its time is that of the whole batch.
 */
export async function performSingly(
  bulk: Operation,
  perform: (single: Operation) => Promise<OperationResult>,
): Promise<OperationResult> {
  const ordinals = ordinalsOf(bulk)
  let next = 0
  let failure: OperationResult | undefined
  const register = async (): Promise<void> => {
    while (failure === undefined) {
      const ordinal = ordinals[next++]
      if (ordinal === undefined) return
      const result = await perform({ kind: 'register', ordinal, revision: bulk.revision })
      if (result.outcome !== 'ok') failure ??= result
    }
  }
  await Promise.all(Array.from({ length: singlesInFlightMax }, register))
  return failure ?? { outcome: 'ok' }
}
