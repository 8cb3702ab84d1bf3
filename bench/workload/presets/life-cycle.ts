/**
 * Equipment life cycle: machines in service report through maintenance systems, which read one value and write its phase.
 *
 * - A fifth of the machines, those in service near their maintenance date, takes four fifths of the operations: the usual
 *   rule of thumb, not a measurement.
 * - More than half of the operations change single values (running hours, phase, the next maintenance): that updates dominate is
 *   what tells this application from the others; the share is an assumption. A phase that has ended
 *   is deleted, and the next one added where none is recorded.
 * - Systems rather than people ask, so partial resolution by index prevails and codes are seldom wrong: an assumption.
 * - A machine's record carries its data sheet, of which the median has 600 bytes and one in forty over 4 KB (lognormal, sigma 1):
 *   an assumption.
 */
import type { Preset } from './preset.ts'

export const lifeCycle = {
  name: 'life-cycle',
  description: 'Equipment in service: a hot fifth, single values read, phases added, written and cleared',
  mix: {
    resolve: 0.2,
    'resolve-type': 0.05,
    'resolve-index': 0.2,
    absent: 0.01,
    register: 0.02,
    'value-add': 0.1,
    'value-put': 0.26,
    'value-delete': 0.16,
  },
  recordSizes: { name: 'lognormal', bytesMedian: 600, sigma: 1 },
  distribution: { name: 'hotspot', hotItemsRatio: 0.2, hotOperationsRatio: 0.8 },
} as const satisfies Preset
