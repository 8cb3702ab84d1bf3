import { Epochs } from '../cache/epochs.ts'
import { newHashSecret, TextHash } from '../cache/text-hash.ts'
import { newSessionMemory } from '../session-table.ts'

/** Memory that all threads of a node see at once: what must not wait for a message. */
export type SharedMemory = {
  /** Counters of `Epochs`: a cached entry is served only while its key's counter stands where it stood. */
  readonly epochs: SharedArrayBuffer
  /** By which `TextHash` spreads keys, over the epochs among others. */
  readonly hashSecret: SharedArrayBuffer
  readonly cells: SharedArrayBuffer
  /** Who is signed in, as `SessionTable` reads it. */
  readonly sessions: SharedArrayBuffer
}

/** A single number among `cells`. */
export type SharedCell = {
  read(): number
  /** Returns what it is then. */
  add(change: number): number
}

/** Memory for a node of so many workers. */
export function newSharedMemory(workers: number): SharedMemory {
  const cells = firstTally + workers
  return {
    epochs: new SharedArrayBuffer(epochGroups * 4),
    hashSecret: newHashSecret(),
    cells: new SharedArrayBuffer(cells * cellBytes),
    sessions: newSessionMemory(),
  }
}

/** The epochs that all threads see. */
export function sharedEpochs({ epochs, hashSecret }: SharedMemory): Epochs {
  return new Epochs({ counters: epochs, hash: new TextHash(hashSecret) })
}

/** A number that concerns the whole node. */
export function sharedCell(memory: SharedMemory, name: (typeof cellNames)[number]): SharedCell {
  return cellAt(memory, cellNames.indexOf(name))
}

/** A worker's own part of `requestsInFlight`, to be taken out when it dies. */
export function requestTally(memory: SharedMemory, worker: number): SharedCell {
  return cellAt(memory, firstTally + worker - 1)
}

const cellNames = ['prefixesVersion', 'workerRestarts', 'requestsInFlight'] as const
const firstTally = cellNames.length
// A cache line each: threads that count for themselves do not wait for one another.
const cellBytes = 64

// A bulk registration advances thousands of groups a second, and with each everything that is cached under its group
// is read again: sixteen times the groups of a single thread's cache, four mebibytes.
const epochGroups = 2 ** 20

function cellAt(memory: SharedMemory, number: number): SharedCell {
  const cells = new Int32Array(memory.cells)
  const position = (number * cellBytes) / 4
  return {
    read: () => Atomics.load(cells, position),
    add: (change) => Atomics.add(cells, position, change) + change,
  }
}
