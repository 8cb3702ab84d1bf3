import { foldAscii } from '../../src/identifier/handle.ts'
import { assert } from '../../src/support/assert.ts'
import { digits } from './record-generator.ts'
import { createRecordHash, type RecordHash } from './record-hash.ts'
import { kindsBySixteenths, stemsPerKind } from './record-kinds.ts'

/**
 * The ordinals of a load in the order of their keys, without sorting: a key is a stem, then the ordinal in digits that
 * ascend as ASCII does, and no stem begins another. So counting the ordinals under each stem, and collecting them stem by
 * stem in ascending order, is the whole of it (a counting sort, which costs one hash for each ordinal and pass).
 */
export type KeyOrder = {
  /** Stems without the prefix, in key order; positions in this list are called ranks. */
  readonly stems: readonly string[]
  /** How many of the ordinals 0 … `identifiers` − 1 are under the stem of each rank. */
  countByRank(identifiers: number): Uint32Array
  /** Those under the ranks `first` … `end` − 1, in key order. */
  collect(range: OrdinalRange): Uint32Array
}

export type OrdinalRange = {
  readonly identifiers: number
  readonly first: number
  readonly end: number
  /** What `countByRank` told. */
  readonly counts: Uint32Array
}

/** Ordinals in arrays of 32 bits. */
export const orderedIdentifiersMax = 2 ** 32

/** Creates the key order of the loads with one seed. */
export function createKeyOrder(seed: number): KeyOrder {
  const hash = createRecordHash(seed)
  const { stems, rankByBits } = rankStems()
  return {
    stems,
    countByRank: (identifiers) => countByRank(hash, rankByBits, { identifiers, ranks: stems.length }),
    collect: (range) => collect(hash, rankByBits, range),
  }
}

export type PlaceInOrder = {
  readonly order: KeyOrder
  readonly identifiers: number
  readonly counts: Uint32Array
}

/** How many records there are up to a key, given without its prefix, that one of them has. */
export function positionBehind(suffix: string, { order, identifiers, counts }: PlaceInOrder): number {
  // Eight digits of the ordinal and a check character follow the stem.
  const rank = order.stems.map(foldAscii).indexOf(suffix.slice(0, -9))
  assert(rank >= 0, 'a generated key begins with a stem')
  const ordinal = ordinalOf(suffix.slice(-9, -1))
  const within = order.collect({ identifiers, first: rank, end: rank + 1, counts }).indexOf(ordinal)
  assert(within >= 0, 'a generated key ends with an ordinal of the load')
  return counts.subarray(0, rank).reduce((sum, count) => sum + count, 0) + within + 1
}

function ordinalOf(code: string): number {
  return [...code].reduce((ordinal, digit) => ordinal * digits.length + digits.indexOf(digit), 0)
}

function countByRank(
  { identity }: RecordHash,
  rankByBits: Uint16Array,
  { identifiers, ranks }: { readonly identifiers: number; readonly ranks: number },
): Uint32Array {
  assert(identifiers <= orderedIdentifiersMax, 'ordered ordinals fit 32 bits')
  const counts = new Uint32Array(ranks)
  for (let ordinal = 0; ordinal < identifiers; ordinal++) {
    const rank = rankByBits[stemBitsOf(identity(ordinal))] as number
    counts[rank] = (counts[rank] as number) + 1
  }
  return counts
}

function collect(
  { identity }: RecordHash,
  rankByBits: Uint16Array,
  { identifiers, first, end, counts }: OrdinalRange,
): Uint32Array {
  const next = new Uint32Array(end - first)
  let total = 0
  for (let rank = first; rank < end; rank++) {
    next[rank - first] = total
    total += counts[rank] ?? 0
  }
  const ordinals = new Uint32Array(total)
  for (let ordinal = 0; ordinal < identifiers; ordinal++) {
    const place = (rankByBits[stemBitsOf(identity(ordinal))] as number) - first
    if (place < 0 || place >= next.length) continue
    const at = next[place] as number
    ordinals[at] = ordinal
    next[place] = at + 1
  }
  return ordinals
}

/** The bits of an identity that choose kind and stem: the top four and the low eight. */
function stemBitsOf(identity: number): number {
  return ((identity >>> 28) << 8) | (identity & (stemsPerKind - 1))
}

function rankStems(): { readonly stems: readonly string[]; readonly rankByBits: Uint16Array } {
  const kinds = [...new Set(kindsBySixteenths)]
  const stems = kinds
    .flatMap((kind) => kind.stems)
    .sort((left, right) => Buffer.compare(Buffer.from(foldAscii(left)), Buffer.from(foldAscii(right))))
  const rankOf = new Map(stems.map((stem, rank) => [stem, rank]))
  assert(rankOf.size === stems.length, 'no two kinds share a stem')
  const ranks = kindsBySixteenths.flatMap((kind) => kind.stems.map((stem) => rankOf.get(stem) ?? 0))
  return { stems, rankByBits: Uint16Array.from(ranks) }
}
