/**
 * Who leaves when a cache is full. A policy owns order and nothing else: it names objects by slot, a small integer that the
 * cache core (or the simulator, by the trace's dense object numbers) gives each, and keeps its state in typed arrays indexed by
 * slot. Index, weight, expiry and statistics are the core's. For one request the core calls `onHit`, or `onMiss`, `accepts`, then
 * `evict` while there is no room, then `onInsert`; it never offers an object heavier than the capacity.
 */
export interface EvictionPolicy {
  /** A resident slot was asked for; absent where that changes nothing. */
  onHit?(slot: number): void
  /** A slot that is not resident was asked for; where the policy remembers it as a ghost, the ghost is used up here. */
  onMiss?(slot: number): void
  /** Whether the policy would keep the slot just missed; asked before room is made for it; absent: always. */
  accepts?(slot: number): boolean
  /** The slot has become resident. */
  onInsert(slot: number): void
  /** Chooses a resident slot, unlinks it and returns it, to make room for another; called only while one is resident. */
  evict(offered: number): number
  /** A resident slot leaves for another reason: deleted, expired, replaced. */
  onRemove(slot: number): void
  /** Whether a slot that is not resident must keep its identity, because the policy would know it again (a ghost); absent: never. */
  remembers?(slot: number): boolean
}

/** What a policy is built over. */
export type PolicyContext = {
  /** Units that fit: objects, or bytes. */
  readonly capacity: number
  /** Slots are below this number. */
  readonly slotsMax: number
  /** Ghosts at one time; absent where slots are never reused, so that nothing but the policy bounds them. */
  readonly ghostsMax?: number
  /** Units of each slot that was offered, kept while it is resident or a ghost; absent where each is one unit. */
  readonly weights?: Uint32Array
  /** Well-spread 32 bits of what the slot names, the same for the same object whatever slot it has. */
  hashOf(slot: number): number
  /** Chance in [0, 1), seeded by the caller. */
  random(): number
  /** The policy took a resident slot out by itself, outside `evict`. */
  onEvicted(slot: number): void
  /** The policy no longer remembers a ghost that it was not just asked for: its slot may name another object from now on. */
  onForgotten(slot: number): void
}

/** One row of the table of policies: how it is built, and its parameters with their defaults. */
export type PolicyFactory<Parameters extends PolicyParameters = PolicyParameters> = {
  readonly parameters: Parameters
  /** Whether what leaves depends on the seed; absent: it depends on the requests alone. */
  readonly drawsLots?: boolean
  create(context: PolicyContext, parameters: Parameters): EvictionPolicy
}

/** Parameters by name; a flag is 0 or 1. */
export type PolicyParameters = Readonly<Record<string, number>>

/** Units of a slot: inlined into every policy, and a constant where objects are counted. */
export function weightOf(weights: Uint32Array | undefined, slot: number): number {
  return weights === undefined ? 1 : (weights[slot] as number)
}
