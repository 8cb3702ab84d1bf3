/** Thrown when our own reasoning was wrong: never caught to be handled, only to be reported. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

/** States one invariant in words; a false condition is a defect in this program, not bad input. */
export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new InvariantError(`invariant broken: ${invariant}`)
}
