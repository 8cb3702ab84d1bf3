import { assert } from '../../src/support/assert.ts'
import { type OperationKind, operationKinds } from './operation.ts'
import type { Mix, Preset } from './presets/preset.ts'

/** Kinds of operations, each with the sum of the shares up to it, which a number from 0 to 1 falls into. */
export type MixShares = readonly (readonly [kind: OperationKind, upTo: number])[]

/** The shares of a preset at a time after the start of a phase of so many seconds, which may have no known end;
 * without a time their mean. */
export function sharesOver(
  preset: Pick<Preset, 'mix' | 'cycle'>,
  durationSeconds: number | undefined,
): (atNs: number | undefined) => MixShares {
  const lasting = cumulativeShares(preset.mix)
  const { cycle } = preset
  const seconds = cycle?.seconds ?? durationSeconds
  if (cycle === undefined || seconds === undefined) return () => lasting
  const moments = cycle.moments.map(({ untilShare, mix }) => ({
    untilNs: untilShare * seconds * 1e9,
    shares: cumulativeShares(mix),
  }))
  const cycleNs = seconds * 1e9
  return (atNs) => {
    if (atNs === undefined) return lasting
    const withinNs = atNs % cycleNs
    for (const { untilNs, shares } of moments) if (withinNs < untilNs) return shares
    return lasting
  }
}

function cumulativeShares(mix: Mix): MixShares {
  let sum = 0
  const shares = operationKinds.map((kind) => {
    sum += mix[kind] ?? 0
    return [kind, sum] as const
  })
  assert(Math.abs(sum - 1) < 1e-9, 'the shares of a mix add up to 1')
  return shares
}
