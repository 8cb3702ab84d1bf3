import type { DistributionFactory } from './distribution.ts'
import { FlashCrowd } from './flash-crowd.ts'
import { Hotspot } from './hotspot.ts'
import { Latest } from './latest.ts'
import { Loop } from './loop.ts'
import { Mixture } from './mixture.ts'
import { ScanPollution } from './scan-pollution.ts'
import { ShotNoise } from './shot-noise.ts'
import { Uniform } from './uniform.ts'
import { YcsbZipfian } from './ycsb-zipfian.ts'
import { Zipfian } from './zipfian.ts'

/** Every distribution, by the name that presets and reports use. */
export const distributions = {
  zipfian: (options) => new Zipfian(options),
  uniform: (options) => new Uniform(options),
  latest: (options) => new Latest(options),
  hotspot: (options) => new Hotspot(options),
  'shot-noise': (options) => new ShotNoise(options),
  'flash-crowd': (options) => new FlashCrowd(options),
  'scan-pollution': (options) => new ScanPollution(options),
  loop: (options) => new Loop(options),
  mixture: (options) => new Mixture(options),
  'ycsb-zipfian': (options) => new YcsbZipfian(options),
} as const satisfies Record<string, DistributionFactory>

export type DistributionName = keyof typeof distributions
export const distributionNames = Object.keys(distributions) as [DistributionName, ...DistributionName[]]
