import type { Operation } from './operation.ts'

/** A record as the last write of it left it. */
export type AcknowledgedState = Pick<Operation, 'ordinal' | 'revision'>

/** What is asked: an endless, seeded stream of operations. Never performs them. */
export interface Workload {
  /**
   * The operation that is due next, so many nanoseconds after the start, or undefined when a finite workload (a trace) has
   * no more. Costs O(1), allocates only the operation.
   */
  next(dueNs?: number): Operation | undefined
  /**
   * Feedback for workloads whose later operations depend on earlier ones (a failed register is not resolved later):
   * called once for each operation, reads too, when it was answered, given up, or dropped without being sent.
   */
  settled?(operation: Operation, ok: boolean): void
  /** States of records that a write led to and that was acknowledged: they must be there whatever happened meanwhile. */
  acknowledged?(): readonly AcknowledgedState[]
}
