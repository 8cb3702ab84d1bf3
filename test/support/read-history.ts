/**
 * A register's history with one writer: version numbers rise by one with each write, and each read knows which write was
 * acknowledged when it began and which had begun when it ended.
 */
export type Read = {
  readonly key: string
  /** What the read found. */
  readonly state: string
  readonly acknowledgedBefore: number
  readonly begunBefore: number
}

/** The reads that no order of events explains: they found what an acknowledged write had replaced, or nothing ever written. */
export function impossibleReads(
  reads: readonly Read[],
  stateOf: (key: string, version: number) => string,
): readonly Read[] {
  return reads.filter(({ key, state, acknowledgedBefore, begunBefore }) => {
    for (let version = acknowledgedBefore; version <= begunBefore; version++) {
      if (stateOf(key, version) === state) return false
    }
    return true
  })
}
