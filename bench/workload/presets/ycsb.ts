/**
 * The core workloads A to F of YCSB (Cooper et al., "Benchmarking cloud serving systems with YCSB", 2010), under their own
 * names, as far as an identifier has such operations: an update replaces one value, an insert registers, a scan lists a
 * page of 50 handles. Popularity is zipfian with YCSB's 0.99 over a bijective permutation: YCSB's own "scrambled" draws
 * leave out more than a third of the keys. F's read and its write of what was read are separate operations here.
 */
import type { Preset } from './preset.ts'

const zipfian = { name: 'zipfian', exponent: 0.99 } as const

export const ycsbA = {
  name: 'ycsb-a',
  description: 'YCSB A, update heavy: half reads, half updates',
  mix: { resolve: 0.5, 'value-put': 0.5 },
  distribution: zipfian,
} as const satisfies Preset

export const ycsbB = {
  name: 'ycsb-b',
  description: 'YCSB B, read mostly: 95 % reads, 5 % updates',
  mix: { resolve: 0.95, 'value-put': 0.05 },
  distribution: zipfian,
} as const satisfies Preset

export const ycsbC = {
  name: 'ycsb-c',
  description: 'YCSB C, read only',
  mix: { resolve: 1 },
  distribution: zipfian,
} as const satisfies Preset

export const ycsbD = {
  name: 'ycsb-d',
  description: 'YCSB D, read latest: 95 % reads of what is new, 5 % inserts',
  mix: { resolve: 0.95, register: 0.05 },
  distribution: { name: 'latest', exponent: 0.99 },
} as const satisfies Preset

export const ycsbE = {
  name: 'ycsb-e',
  description: 'YCSB E, short ranges: 95 % lists of a page, 5 % inserts',
  mix: { list: 0.95, register: 0.05 },
  distribution: zipfian,
} as const satisfies Preset

export const ycsbF = {
  name: 'ycsb-f',
  description: 'YCSB F, read-modify-write: two reads to each update',
  mix: { resolve: 2 / 3, 'value-put': 1 / 3 },
  distribution: zipfian,
} as const satisfies Preset
