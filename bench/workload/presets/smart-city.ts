/**
 * Smart city: inspectors and sensors work through street lamps, manholes and hydrants in rounds.
 *
 * - A small set is hot: one asset in a hundred, those that report by themselves, takes nine operations of ten; rounds
 *   visit the others alike: an assumption.
 * - Periodic: every five seconds of a run (the quarter of an hour of a meter, pressed together) the reports come in at once,
 *   for a fifth of the time, as value changes: an assumption.
 * - One visit in ten changes the recorded condition; new assets are rare: assumptions.
 */
import type { Preset } from './preset.ts'

export const smartCity = {
  name: 'smart-city',
  description: 'City assets: a small hot set reports in rounds, conditions written',
  mix: { resolve: 0.7, 'resolve-index': 0.185, absent: 0.01, register: 0.005, 'value-put': 0.1 },
  cycle: {
    seconds: 5,
    moments: [
      { untilShare: 0.2, mix: { resolve: 0.5, 'resolve-index': 0.1, 'value-put': 0.4 } },
      {
        untilShare: 1,
        mix: {
          resolve: 0.75,
          'resolve-index': 0.20625,
          absent: 0.0125,
          register: 0.00625,
          'value-put': 0.025,
        },
      },
    ],
  },
  distribution: { name: 'hotspot', hotItemsRatio: 0.01, hotOperationsRatio: 0.9 },
} as const satisfies Preset
