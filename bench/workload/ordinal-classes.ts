/**
 * Which loaded identifiers a run may rewrite: every sixteenth. What is outside this class keeps the record it was loaded
 * with for ever, so any worker, any later run and any trace may read it and knows the answer.
 */
export const mutableEvery = 16

/** Whether runs may rewrite it. */
export function isMutable(ordinal: number): boolean {
  return ordinal % mutableEvery === mutableEvery - 1
}

/** The identifier read in the place of a mutable one: its neighbour, which is not mutable itself. */
export function immutableNeighbour(ordinal: number): number {
  return ordinal - 1
}

/** Whose a mutable identifier is: of one worker, which alone reads and writes it. */
export function ownerOf(ordinal: number, workers: number): number {
  return Math.floor(ordinal / mutableEvery) % workers
}
