import type { Mutation, MutationResult, Precondition } from './store.ts'

/** Whether a mutation may be applied to a key whose present record is `previous`. */
export function holds(precondition: Precondition, previous: Uint8Array | undefined): boolean {
  switch (precondition.kind) {
    case 'none':
      return true
    case 'absent':
      return previous === undefined
    case 'present':
      return previous !== undefined
    case 'equals':
      return previous !== undefined && Buffer.compare(previous, precondition.value) === 0
  }
}

/** How many records a mutation that was applied adds: −1, 0 or 1. */
export function recordsAdded(mutation: Mutation, result: MutationResult): number {
  if (!result.applied) return 0
  return Number(mutation.value !== undefined) - Number(result.previous !== undefined)
}

/** The naming prefix under which a key is counted: everything before its first slash. */
export function namingPrefixOf(key: string): string {
  const slash = key.indexOf('/')
  return slash < 0 ? key : key.slice(0, slash)
}
