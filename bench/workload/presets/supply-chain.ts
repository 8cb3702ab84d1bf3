/**
 * Supply chain: logistics units are registered when packed, scanned at each station for some days, then hardly ever.
 *
 * - Popularity follows recency, by an exponent of 0.99 as store benchmarks use: an assumption.
 * - A unit passes some eight stations, each of which asks and every second of which writes a new location: an
 *   assumption, and where the shares come from.
 */
import type { Preset } from './preset.ts'

export const supplyChain = {
  name: 'supply-chain',
  description: 'Logistics units between stations: the newest are asked for, locations change',
  mix: { resolve: 0.55, 'resolve-type': 0.1, absent: 0.01, register: 0.1, 'value-put': 0.22, delete: 0.02 },
  distribution: { name: 'latest', exponent: 0.99 },
} as const satisfies Preset
