/**
 * Product traceability: consumers scan codes on packages, each package once or twice, a few products often.
 *
 * - Popularity: the exponent 0.83 is that of the recorded product-detail-page requests that ship with this harness, the
 *   nearest public stand-in for product codes. No published exponent for identifier resolution was found: an assumption.
 * - Launches: for 20,000 of every 200,000 draws of a worker a tenth of the scans are of one new product, and each phase begins elsewhere
 *   among them: an assumption. A phase of few draws is therefore within a launch or without one.
 * - Counterfeits: half of the absent codes are one of twenty that were copied onto many packages, because copying one code is
 *   how codes are counterfeited; the rest are mistyped, each another one: an assumption.
 * - Absent: scans of counterfeit or mistyped codes. That a good part of look-ups finds nothing is known from DNS (Jung
 *   et al., "DNS performance and the effectiveness of caching", 2002: 13 % errors); half of it is an assumption.
 * - Partial resolutions, registrations (packages leaving the line) and state changes (sold, recalled): assumptions.
 */
import type { Preset } from './preset.ts'

export const traceability = {
  name: 'traceability',
  description: 'Consumers scan package codes: long tail, some counterfeits, few writes',
  mix: {
    resolve: 0.8,
    'resolve-type': 0.06,
    'resolve-index': 0.04,
    absent: 0.06,
    register: 0.03,
    'value-put': 0.01,
  },
  distribution: { name: 'flash-crowd', exponent: 0.83, crowdRatio: 0.1, lifeDraws: 20_000 },
  counterfeitRatio: 0.5,
} as const satisfies Preset
