/**
 * Registration-heavy: what the national figures suggest, where registrations outnumber resolutions about four to one
 * (derived from the published totals of April 2022 and December 2024: 6,700 registrations a second against 1,700
 * resolutions). That one node sees the national ratio is an assumption.
 */
import type { Preset } from './preset.ts'

export const registrationHeavy = {
  name: 'registration-heavy',
  description: 'Four registrations for each resolution, as the national totals suggest',
  mix: { resolve: 0.18, absent: 0.02, register: 0.8 },
  distribution: { name: 'latest', exponent: 0.99 },
} as const satisfies Preset
