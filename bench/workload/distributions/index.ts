import type { DistributionFactory } from './distribution.ts'
import { Hotspot } from './hotspot.ts'
import { Latest } from './latest.ts'
import { Uniform } from './uniform.ts'
import { Zipfian } from './zipfian.ts'

/** Every distribution, by the name that presets and reports use. */
export const distributions = {
  zipfian: (options) => new Zipfian(options),
  uniform: (options) => new Uniform(options),
  latest: (options) => new Latest(options),
  hotspot: (options) => new Hotspot(options),
} as const satisfies Record<string, DistributionFactory>

export type DistributionName = keyof typeof distributions
