import type { DistributionSettings } from '../distributions/distribution.ts'
import type { DistributionName } from '../distributions/index.ts'
import type { OperationKind } from '../operation.ts'
import type { RecordSizes } from '../record-sizes.ts'

export type Mix = Readonly<Partial<Record<OperationKind, number>>>

/** Mixes that follow each other, and again from the start. */
export type MixCycle = {
  /** The whole phase, however long, unless given. */
  readonly seconds?: number
  /** In their order; the last one lasts until the share 1. */
  readonly moments: readonly { readonly untilShare: number; readonly mix: Mix }[]
}

/** What an application asks of a node, as data: which operations in which shares, of which identifiers. */
export type Preset = {
  readonly name: string
  readonly description: string
  /** Shares of the operations; they add up to 1. */
  readonly mix: Mix
  /** How the mix changes over time; the same throughout unless given. */
  readonly cycle?: MixCycle
  /** Which part of the absent look-ups asks for one of a few copied codes again and again; the rest are all different. */
  readonly counterfeitRatio?: number
  /** How many identifiers one bulk operation registers; 20 unless given. */
  readonly bulkItems?: number
  /** How long a description its records carry where `--record-sizes preset` asks for it; none unless given. */
  readonly recordSizes?: RecordSizes
  readonly distribution: DistributionSettings & { readonly name: DistributionName }
}
