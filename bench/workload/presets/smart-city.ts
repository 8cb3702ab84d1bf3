/**
 * Smart city: inspectors and sensors work through street lamps, manholes and hydrants in rounds.
 *
 * - Rounds visit each asset alike, which is uniform popularity and the worst case of a cache: an assumption.
 * - One visit in ten changes the recorded condition; new assets are rare: assumptions.
 */
import type { Preset } from './preset.ts'

export const smartCity = {
  name: 'smart-city',
  description: 'City assets inspected in rounds: every asset alike, conditions written',
  mix: { resolve: 0.7, 'resolve-index': 0.185, absent: 0.01, register: 0.005, 'value-put': 0.1 },
  distribution: { name: 'uniform' },
} as const satisfies Preset
