import { Arena, entryBytesFor } from './arena.ts'
import { KeyIndex } from './key-index.ts'
import type { EvictionPolicy, PolicyContext } from './policy.ts'
import { entryBytesMin, type PolicyCounts, policyCounts } from './policy-counts.ts'
import { noSlot } from './slot-lists.ts'

export type SlotTableOptions = {
  readonly bytesMax: number
  readonly entriesMax: number
  readonly createPolicy: (context: PolicyContext) => EvictionPolicy
  readonly random: () => number
}

/** What is kept of an entry beside its bytes. */
export type EntryFacts = { readonly epoch: number; readonly expiresAtMs: number }

/**
 * Entries by key, bounded by bytes and by number, in the order of any policy. Keys and values lie in an arena, everything else in typed
 * arrays by slot; a ghost keeps its slot and its key until the policy forgets it.
 */
export class SlotTable {
  readonly #options: SlotTableOptions
  readonly #policy: EvictionPolicy
  readonly #index: KeyIndex
  readonly #arena: Arena
  readonly #overheadBytes: number
  readonly #policyCounts: PolicyCounts
  /** What each entry counts towards the bound of units: its bytes, or more where entries are few for the bytes. */
  readonly #weights: Uint32Array
  readonly #bytesOf: Uint32Array
  readonly #keyLengths: Uint32Array
  readonly #resident: Uint8Array
  readonly #epochs: Int32Array
  readonly #expiresAtMs: Float64Array
  readonly #freeSlots: number[] = []
  #slotsUsed = 0
  #bytes = 0
  #units = 0
  #entries = 0
  #evictions = 0

  constructor(options: SlotTableOptions) {
    // Memory of a typed array is only taken where it is touched, so that bounds that are never reached cost nothing.
    const entriesMax = Math.max(1, Math.min(options.entriesMax, Math.ceil(options.bytesMax / entryBytesMin)))
    // A fiftieth more ghosts than entries, which is what the stack of LIRS remembers at most.
    const ghostsMax = entriesMax + Math.ceil(entriesMax / 50) + 1
    const slotsMax = entriesMax + ghostsMax + 1
    this.#options = { ...options, entriesMax }
    this.#policyCounts = policyCounts(options.bytesMax, options.entriesMax)
    const { capacity, leastWeight } = this.#policyCounts
    this.#index = new KeyIndex(slotsMax, (slot, key) => this.#holdsKey(slot, key))
    this.#arena = new Arena({ slotsMax, bytesMax: options.bytesMax })
    this.#weights = new Uint32Array(slotsMax)
    this.#bytesOf = leastWeight === 0 ? this.#weights : new Uint32Array(slotsMax)
    this.#keyLengths = new Uint32Array(slotsMax)
    this.#resident = new Uint8Array(slotsMax)
    this.#epochs = new Int32Array(slotsMax)
    this.#expiresAtMs = new Float64Array(slotsMax)
    this.#policy = options.createPolicy({
      capacity,
      slotsMax,
      ghostsMax,
      ...(this.#policyCounts.unit === 'entries' ? {} : { weights: this.#weights }),
      hashOf: (slot) => this.#index.hashOf(slot),
      random: options.random,
      onEvicted: (slot) => this.#onEvicted(slot),
      onForgotten: (slot) => this.#releaseSlot(slot),
    })
    this.#overheadBytes =
      this.#policy.remembers === undefined ? slotBytes : slotBytes + ghostsPerEntry * ghostBytes
  }

  /** What all residents weigh: their bytes with what index, policy and ghosts take for each. */
  get bytes(): number {
    return this.#bytes
  }

  get entries(): number {
    return this.#entries
  }

  get evictions(): number {
    return this.#evictions
  }

  /** Bytes that an entry is counted with. */
  weightOf(key: string, valueBytes: number): number {
    const bytes = entryBytesFor(storedKeyBytes(key) + valueBytes)
    return bytes + Math.ceil(bytes / 8) + this.#overheadBytes
  }

  /** The resident slot of a key, or `noSlot`. */
  find(key: string, hash: number): number {
    const slot = this.#index.find(key, hash)
    return slot === noSlot || this.#resident[slot] === 0 ? noSlot : slot
  }

  isFresh(slot: number, facts: { epoch: number; nowMs: number }): boolean {
    return facts.nowMs < (this.#expiresAtMs[slot] as number) && this.#epochs[slot] === facts.epoch
  }

  onHit(slot: number): void {
    this.#policy.onHit?.(slot)
  }

  /** The segment that holds the value of a slot; valid until the next store. */
  segmentOf(slot: number): Buffer {
    return this.#arena.segmentOf(slot)
  }

  /** Where in the segment the value starts. */
  valueStartOf(slot: number): number {
    return this.#arena.startOf(slot) + (this.#keyLengths[slot] as number)
  }

  /** Takes a resident entry out. */
  remove(slot: number): void {
    this.#policy.onRemove(slot)
    this.#leave(slot)
  }

  /**
   * Makes a key resident, as the policy wants, with room for a value, and answers its slot; `noSlot` where it is not kept.
   * The caller writes the value at once.
   */
  insert(key: string, hash: number, facts: EntryFacts & { readonly valueBytes: number }): number {
    const policy = this.#policy
    const { entriesMax } = this.#options
    const { leastWeight, unitsMax } = this.#policyCounts
    let ghost = this.#index.find(key, hash)
    if (ghost !== noSlot && this.#resident[ghost] === 1) {
      this.remove(ghost)
      ghost = this.#index.find(key, hash)
    }
    const slot = ghost === noSlot ? this.#newSlot(hash) : ghost
    policy.onMiss?.(slot)
    const bytes = this.weightOf(key, facts.valueBytes)
    const weight = Math.max(bytes, leastWeight)
    this.#weights[slot] = weight
    this.#bytesOf[slot] = bytes
    if (ghost !== noSlot) this.#arena.release(slot)
    if (weight > unitsMax || policy.accepts?.(slot) === false) {
      this.#giveBack(slot)
      return noSlot
    }
    while (this.#units + weight > unitsMax || this.#entries >= entriesMax) this.#onEvicted(policy.evict(slot))
    this.#allocate(slot, key, facts.valueBytes)
    this.#epochs[slot] = facts.epoch
    this.#expiresAtMs[slot] = facts.expiresAtMs
    this.#resident[slot] = 1
    this.#bytes += bytes
    this.#units += weight
    this.#entries++
    policy.onInsert(slot)
    return this.#resident[slot] === 1 ? slot : noSlot
  }

  #newSlot(hash: number): number {
    const slot = this.#freeSlots.pop() ?? this.#slotsUsed++
    this.#index.add(slot, hash)
    return slot
  }

  #onEvicted(slot: number): void {
    this.#evictions++
    this.#leave(slot)
  }

  #leave(slot: number): void {
    this.#resident[slot] = 0
    this.#entries--
    this.#bytes -= this.#bytesOf[slot] as number
    this.#units -= this.#weights[slot] as number
    if (this.#policy.remembers?.(slot) === true) this.#keepKeyAlone(slot)
    else this.#releaseSlot(slot)
  }

  #keepKeyAlone(slot: number): void {
    const length = this.#keyLengths[slot] as number
    const start = this.#arena.startOf(slot)
    const key = Buffer.from(this.#arena.segmentOf(slot).subarray(start, start + length))
    this.#arena.release(slot)
    this.#arena.allocate(slot, length)
    key.copy(this.#arena.segmentOf(slot), this.#arena.startOf(slot))
  }

  #releaseSlot(slot: number): void {
    this.#arena.release(slot)
    this.#giveBack(slot)
  }

  #giveBack(slot: number): void {
    this.#index.remove(slot)
    this.#freeSlots.push(slot)
  }

  #allocate(slot: number, key: string, valueBytes: number): void {
    const length = storedKeyBytes(key)
    this.#arena.allocate(slot, length + valueBytes)
    this.#keyLengths[slot] = length
    const encoding = length === key.length ? 'latin1' : 'utf16le'
    this.#arena.segmentOf(slot).write(key, this.#arena.startOf(slot), encoding)
  }

  #holdsKey(slot: number, key: string): boolean {
    const length = this.#keyLengths[slot] as number
    const segment = this.#arena.segmentOf(slot)
    const start = this.#arena.startOf(slot)
    if (length === key.length) {
      for (let position = 0; position < length; position++) {
        if (segment[start + position] !== key.charCodeAt(position)) return false
      }
      return true
    }
    return length === 2 * key.length && segment.toString('utf16le', start, start + length) === key
  }
}

// What one slot takes beside its bytes in the arena, in this table, in the index and in the costliest policy, as
// `npm run bench:cache-memory` measures it, and the same for a ghost with its key.
const slotBytes = 88
const ghostBytes = 112
const ghostsPerEntry = 1

/** One byte a character where the key allows it, else two. */
function storedKeyBytes(key: string): number {
  return isLatin1(key) ? key.length : 2 * key.length
}

function isLatin1(key: string): boolean {
  for (let position = 0; position < key.length; position++) if (key.charCodeAt(position) > 0xff) return false
  return true
}
