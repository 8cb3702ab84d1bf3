import type { DistributionSettings } from '../distributions/distribution.ts'
import type { DistributionName } from '../distributions/index.ts'
import type { OperationKind } from '../operation.ts'

/** What an application asks of a node, as data: which operations in which shares, of which identifiers. */
export type Preset = {
  readonly name: string
  readonly description: string
  /** Shares of the operations; they add up to 1. */
  readonly mix: Readonly<Partial<Record<OperationKind, number>>>
  readonly distribution: DistributionSettings & { readonly name: DistributionName }
}
