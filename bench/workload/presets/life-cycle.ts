/**
 * Equipment life cycle: machines in service report through maintenance systems, which read one value and write its phase.
 *
 * - A fifth of the machines, those in service near their maintenance date, takes four fifths of the operations: the usual
 *   rule of thumb, not a measurement.
 * - Systems rather than people ask, so partial resolution by index prevails and codes are seldom wrong: an assumption.
 */
import type { Preset } from './preset.ts'

export const lifeCycle = {
  name: 'life-cycle',
  description: 'Equipment in service: a hot fifth, single values read, phases written and cleared',
  mix: {
    resolve: 0.4,
    'resolve-type': 0.1,
    'resolve-index': 0.3,
    absent: 0.01,
    register: 0.02,
    'value-put': 0.13,
    'value-delete': 0.04,
  },
  distribution: { name: 'hotspot', hotItemsRatio: 0.2, hotOperationsRatio: 0.8 },
} as const satisfies Preset
