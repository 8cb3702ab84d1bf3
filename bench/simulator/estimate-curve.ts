import { deriveSeed } from '../../src/support/prng.ts'
import type { DenseTrace } from '../workload/traces/dense-trace.ts'
import type { PolicyChoice } from './choices.ts'
import {
  type Curve,
  exactCurve,
  meanAbsoluteError,
  miniSimCurve,
  sampledObjectsLeast,
  shardsCurve,
  shardsFixedSizeCurve,
  spreadOf,
} from './curves.ts'

export const curveMethods = ['exact', 'shards', 'shards-fixed-size', 'minisim'] as const
export type CurveMethod = (typeof curveMethods)[number]

export type CurveSettings = {
  readonly method: CurveMethod
  readonly policy: PolicyChoice
  readonly rate: number
  /** Objects that a sample of fixed size has at most. */
  readonly samples: number
  /** Samples drawn, between which the error is told. */
  readonly salts: number
  readonly seed: number
  /** Whether the error against the exact curve is found out too. */
  readonly compare: boolean
}

/** A curve of one policy with what is known of its error. */
export type EstimatedCurve = {
  readonly label: string
  /** Every parameter of the policy, defaults included. */
  readonly parameters: PolicyChoice['parameters']
  readonly method: CurveMethod
  readonly capacities: readonly number[]
  /** Of the first sample; absent where the sample is too small to tell. */
  readonly missRatios: readonly (number | undefined)[]
  /** Between the samples at each capacity; 0 where the curve is exact. */
  readonly deviations: readonly number[]
  readonly meanDeviation: number
  /** Against the exact curve, where that was asked for. */
  readonly meanAbsoluteError: number | undefined
  readonly sampledObjects: number
  readonly sampledRequests: number
  readonly rate: number
  readonly warnings: readonly string[]
}

/** Capacities equally far apart up to all objects; on a logarithmic axis from a thousandth of them. */
export function spreadCapacities(
  objects: number,
  options: { readonly points: number; readonly logarithmic: boolean },
): number[] {
  const { points, logarithmic } = options
  const least = Math.max(1, objects / 1000)
  const capacities = Array.from({ length: points }, (_, point) =>
    logarithmic
      ? Math.round(least * (objects / least) ** (point / Math.max(1, points - 1)))
      : Math.ceil((objects * (point + 1)) / points),
  )
  return [...new Set(capacities)].filter((capacity) => capacity > 0)
}

/** Makes the curve, several times from different samples where it is an estimate. */
export function estimateCurve(
  trace: DenseTrace,
  capacities: readonly number[],
  settings: CurveSettings,
): EstimatedCurve {
  const { method, policy } = settings
  const samples = method === 'exact' ? 1 : settings.salts
  const curves = Array.from({ length: samples }, (_, sample) =>
    curveOf(trace, capacities, { ...settings, salt: deriveSeed(settings.seed, sample) }),
  )
  const [first] = curves as [Curve]
  const spread = spreadOf(curves)
  const isLru = policy.policy === 'lru' || method !== 'minisim'
  return {
    label: isLru ? 'lru' : policy.label,
    parameters: policy.parameters,
    method,
    capacities,
    missRatios: first.missRatios,
    deviations: spread.byPoint,
    meanDeviation: spread.mean,
    meanAbsoluteError:
      settings.compare && isLru
        ? meanAbsoluteError(first.missRatios, exactCurve(trace, capacities).missRatios)
        : undefined,
    sampledObjects: first.sampledObjects,
    sampledRequests: first.sampledRequests,
    rate: first.rate,
    warnings: warningsOf(first, method),
  }
}

function curveOf(
  trace: DenseTrace,
  capacities: readonly number[],
  settings: CurveSettings & { readonly salt: number },
): Curve {
  switch (settings.method) {
    case 'exact':
      return exactCurve(trace, capacities)
    case 'shards':
      return shardsCurve(trace, capacities, settings)
    case 'shards-fixed-size':
      return shardsFixedSizeCurve(trace, capacities, { ...settings, objectsMax: settings.samples })
    case 'minisim':
      return miniSimCurve(trace, capacities, settings)
  }
}

function warningsOf({ sampledObjects, missRatios }: Curve, method: CurveMethod): string[] {
  const warnings: string[] = []
  if (method !== 'exact' && sampledObjects < sampledObjectsLeast)
    warnings.push(
      `only ${sampledObjects} objects are sampled: below ${sampledObjectsLeast} the estimate is too noisy to be quoted`,
    )
  const untold = missRatios.filter((ratio) => ratio === undefined).length
  if (untold > 0) warnings.push(`${untold} sizes come to less than one object in the sample and are left out`)
  return warnings
}
