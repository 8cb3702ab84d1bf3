/** What an operator expects. */
export type Expectation = {
  readonly identifiers: number
  readonly peakPerSecond: number
  /** Growth of both a year, as a share. */
  readonly growth: number
  readonly years: number
}

/** What one node was measured to need and to carry. */
export type MeasuredNode = {
  readonly capacityPerSecond: number
  /** Whether it may be higher. */
  readonly isLowerBound: boolean
  readonly identifiers: number
  readonly storeBytesPerRecord: number | undefined
  readonly cacheBytesPerEntry: number | undefined
}

/** Advice, each figure with how it was come by. */
export type Sizing = {
  readonly expectation: Expectation
  readonly headroom: number
  readonly nodes: number
  readonly diskBytesPerNode: number | undefined
  readonly cacheBytesPerNode: number | undefined
  readonly basis: readonly string[]
}

/** Load that a node must stand beyond the expected peak: a lost neighbour, a launch, a bad day. */
export const headroom = 3

/** A tenth of the identifiers kept hot: what the cache laboratory's traces ask for most of the time. */
export const hotShare = 0.1

/** LevelDB needs room for the tables that a compaction writes before the old ones go. */
const compactionRoom = 1.5

/** Turns measured figures into machines, disk and memory; every step beyond what was measured is named as such. */
export function sizeNodes(expectation: Expectation, node: MeasuredNode): Sizing {
  const growth = (1 + expectation.growth) ** expectation.years
  const identifiers = Math.ceil(expectation.identifiers * growth)
  const peakPerSecond = expectation.peakPerSecond * growth
  const nodes = Math.max(1, Math.ceil((peakPerSecond * headroom) / node.capacityPerSecond))
  const { storeBytesPerRecord, cacheBytesPerEntry } = node
  const basis = [
    `${round(peakPerSecond)} operations/s at the peak after ${expectation.years} years of ${round(expectation.growth * 100)} % growth, times ${headroom} headroom, over ${round(node.capacityPerSecond)}/s measured for one node`,
    'every node holds all identifiers: resolution scales with nodes, disk does not',
  ]
  if (node.isLowerBound) basis.push('the capacity is a lower bound: fewer nodes may do')
  if (identifiers > node.identifiers) {
    basis.push(
      `EXTRAPOLATED: capacity was measured with ${round(node.identifiers)} identifiers, ${round(identifiers)} are expected; measure nearer to them before you buy`,
    )
  }
  if (storeBytesPerRecord === undefined) basis.push('disk: the node does not tell what its store holds')
  else {
    basis.push(
      `disk: ${storeBytesPerRecord.toFixed(1)} bytes a record measured, times ${compactionRoom} for compaction`,
    )
  }
  if (cacheBytesPerEntry === undefined) basis.push('memory: the node does not tell what its cache holds')
  else {
    basis.push(
      `memory: ${cacheBytesPerEntry.toFixed(0)} bytes a cached entry measured, for ${hotShare * 100} % of the identifiers (an assumption: simulate your own trace)`,
    )
  }
  return {
    expectation,
    headroom,
    nodes,
    diskBytesPerNode:
      storeBytesPerRecord === undefined ? undefined : identifiers * storeBytesPerRecord * compactionRoom,
    cacheBytesPerNode:
      cacheBytesPerEntry === undefined ? undefined : identifiers * hotShare * cacheBytesPerEntry,
    basis,
  }
}

function round(value: number): string {
  return Math.round(value).toLocaleString('en')
}
