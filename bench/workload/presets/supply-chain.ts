/**
 * Supply chain: logistics units are registered when packed, scanned at each station for some days, then hardly ever.
 *
 * - Units come in shipments: for a fifth of every ten seconds nine of ten operations register, one in forty-five of them a
 *   pallet of 45 units in one batch, so that half of the units come in bulk; the rest of the time the lots just registered
 *   are scanned. A real shipment takes minutes and its scans days; the ratio is kept, the time is
 *   pressed together so that a run of half a minute sees several: assumptions.
 * - Popularity follows recency, by an exponent of 0.99 as store benchmarks use, in a set that grows: a lot is hot until the
 *   next ones are there: an assumption.
 * - A unit passes some eight stations, each of which asks and every second of which writes a new location: an
 *   assumption, and where the shares between the shipments come from. Units that were delivered are deleted, the oldest first.
 * - A unit's record carries its packing list: most have a line, few the whole container, hence Pareto from 64 bytes to 16 KB
 *   with an exponent of 1.2: an assumption.
 */
import type { Preset } from './preset.ts'

const scans = { resolve: 0.6, 'resolve-type': 0.12, absent: 0.01, 'value-put': 0.24, delete: 0.03 } as const
const shipment = { register: 0.88, bulk: 0.02, resolve: 0.1 } as const

export const supplyChain = {
  name: 'supply-chain',
  description: 'Shipments registered in bursts, then scanned while they are new; locations change',
  // The mean over a cycle.
  mix: {
    resolve: 0.5,
    'resolve-type': 0.096,
    absent: 0.008,
    register: 0.176,
    bulk: 0.004,
    'value-put': 0.192,
    delete: 0.024,
  },
  cycle: {
    seconds: 10,
    moments: [
      { untilShare: 0.2, mix: shipment },
      { untilShare: 1, mix: scans },
    ],
  },
  bulkItems: 45,
  recordSizes: { name: 'pareto', bytesLeast: 64, bytesMost: 16_384, exponent: 1.2 },
  distribution: { name: 'latest', exponent: 0.99 },
} as const satisfies Preset
