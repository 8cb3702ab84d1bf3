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
  /** Which part of the operations that it was asked were writes. */
  readonly writeShare: number
  readonly storeBytesPerRecord: number | undefined
  readonly cacheBytesPerEntry: number | undefined
}

/** Advice, each figure with how it was come by. */
export type Sizing = {
  readonly expectation: Expectation
  readonly headroom: number
  /** Undefined where no number of them suffices. */
  readonly nodes: number | undefined
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
  const nodes = nodesFor(peakPerSecond * headroom, node)
  const { storeBytesPerRecord, cacheBytesPerEntry } = node
  const basis = [
    `${round(peakPerSecond)} operations/s at the peak after ${expectation.years} years of ${round(expectation.growth * 100)} % growth, times ${headroom} headroom, over ${round(node.capacityPerSecond)}/s measured for one node`,
    ...scalingBasis(peakPerSecond * headroom, node, nodes),
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
      `memory: ${cacheBytesPerEntry.toFixed(0)} bytes a cached entry measured; that ${hotShare * 100} % of the identifiers are kept hot is an assumption: how the hit ratio depends on the size of the cache was not measured (simulate your own trace)`,
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

/** Every node carries all writes and its part of the reads; a write is taken to cost what a read does. */
function nodesFor(perSecond: number, { capacityPerSecond, writeShare }: MeasuredNode): number | undefined {
  const readsPerSecond = perSecond * (1 - writeShare)
  const leftForReads = capacityPerSecond - perSecond * writeShare
  if (leftForReads < 0 || (leftForReads === 0 && readsPerSecond > 0)) return undefined
  return readsPerSecond === 0 ? 1 : Math.max(1, Math.ceil(readsPerSecond / leftForReads))
}

function scalingBasis(perSecond: number, { writeShare }: MeasuredNode, nodes: number | undefined): string[] {
  const basis = ['every node holds all identifiers: resolution scales with nodes, disk does not']
  if (writeShare > 0) {
    basis.push(
      `every node carries all writes, ${round(perSecond * writeShare)}/s (${(writeShare * 100).toFixed(1)} % of the operations): only the others are divided among the nodes`,
    )
  }
  if (nodes === undefined)
    basis.push('no number of such nodes carries these writes: divide the identifiers among nodes by prefix')
  if (nodes === undefined || nodes > 1)
    basis.push('EXTRAPOLATED: one node was measured; that several carry so many times as much was not')
  return basis
}

function round(value: number): string {
  return Math.round(value).toLocaleString('en')
}
