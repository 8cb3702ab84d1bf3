/** When operations are due: an index-based sequence, so that lateness never accumulates into drift. */
export interface ArrivalSchedule {
  /** Nanoseconds after the start at which the next operation is due, never decreasing; undefined at the end. */
  nextDueNs(): number | undefined
}
