/**
 * Equipment life cycle: machines in service report through maintenance systems, which read one value and write its phase.
 *
 * - A fifth of the machines, those in service near their maintenance date, takes four fifths of the operations: the usual
 *   rule of thumb, not a measurement.
 * - More than half of the operations change single values (running hours, phase, the next maintenance): that updates dominate is
 *   what tells this application from the others; the share is an assumption.
 * - Systems rather than people ask, so partial resolution by index prevails and codes are seldom wrong: an assumption.
 */
import type { Preset } from './preset.ts'

export const lifeCycle = {
  name: 'life-cycle',
  description: 'Equipment in service: a hot fifth, single values read, phases written and cleared',
  mix: {
    resolve: 0.2,
    'resolve-type': 0.05,
    'resolve-index': 0.2,
    absent: 0.01,
    register: 0.02,
    'value-put': 0.36,
    'value-delete': 0.16,
  },
  distribution: { name: 'hotspot', hotItemsRatio: 0.2, hotOperationsRatio: 0.8 },
} as const satisfies Preset
