import type { PolicyStep } from '../support/policy-core.ts'

/**
 * Policies told again with plain arrays and Maps, as slow and as close to their description as can be: what the typed-array
 * ones are compared with, request by request, with removals in the middle.
 */
export interface PolicyModel {
  /** Whether the step was a hit. */
  apply(step: PolicyStep): boolean
}

/** An object in a model. */
export type Entry = {
  readonly object: number
  readonly weight: number
  uses: number
  mark: number
  times: number[]
}

/** Puts an entry of a queue at its end. */
export function moveToEnd(entry: Entry, queue: Entry[]): void {
  queue.splice(queue.indexOf(entry), 1)
  queue.push(entry)
}

/** An object that was asked for once. */
export function newEntry(object: number, weight: number): Entry {
  return { object, weight, uses: 1, mark: 0, times: [] }
}

/** Units of all. */
export function sum(entries: readonly Entry[]): number {
  return entries.reduce((total, { weight }) => total + weight, 0)
}

/** Takes an entry out where it is in. */
export function drop(entries: Entry[], entry: Entry | undefined): void {
  if (entry !== undefined && entries.includes(entry)) entries.splice(entries.indexOf(entry), 1)
}

/** Appends to a queue of ghosts, from which the oldest leave first. */
export function remember(ghosts: Entry[], entry: Entry | undefined, unitsMax: number): void {
  if (entry === undefined || entry.weight > unitsMax) return
  while (sum(ghosts) + entry.weight > unitsMax) ghosts.shift()
  ghosts.push(entry)
}
