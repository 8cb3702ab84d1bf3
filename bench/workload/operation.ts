/**
 * What one request asks, as data. A workload produces operations, a target performs them, a trace can hold them; none
 * of the three knows the others. `ordinal` numbers the identifiers of the load: 0 … identifiers − 1 are registered by
 * the load phase, larger ones are registered during the run. An absent operation asks for the counterfeit of the ordinal,
 * a handle that is never registered.
 */
export const operationKinds = [
  'resolve',
  'resolve-type',
  'resolve-index',
  'absent',
  'register',
  'bulk',
  'value-put',
  'value-delete',
  'value-add',
  'delete',
  'list',
] as const
export type OperationKind = (typeof operationKinds)[number]

export type Operation = {
  readonly kind: OperationKind
  /** Which identifier of the load: names handle and record through the record generator. */
  readonly ordinal: number
  /** Which state of the record is asked for, or, of a mutation, led to: 0 is the record as registered. */
  readonly revision: number
  /** Of a bulk registration, which begins with `ordinal`. */
  readonly batch?: Batch
}

/** So many identifiers, each `stride` ordinals after the one before. */
export type Batch = { readonly items: number; readonly stride: number }

/** Which identifiers an operation concerns: one, or those of its batch. */
export function ordinalsOf({ ordinal, batch }: Operation): readonly number[] {
  if (batch === undefined) return [ordinal]
  return Array.from({ length: batch.items }, (_, item) => ordinal + item * batch.stride)
}

/**
 * What came of an operation, as a value: a failing target is a result, never an exception.
 * `wrong` is an answer that differs from what the generator knows to be true, the one outcome that fails a run;
 * `refused` is a well-formed refusal (401, 403, 409 …), `busy` a 503, `error` anything else including a lost connection.
 */
export const outcomes = ['ok', 'wrong', 'refused', 'busy', 'timeout', 'error'] as const
export type Outcome = (typeof outcomes)[number]

/** The result of one operation: `detail` explains everything but `ok`, for the first few of each kind in the report. */
export type OperationResult = { readonly outcome: Outcome; readonly detail?: string }
