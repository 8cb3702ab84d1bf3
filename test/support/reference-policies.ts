import type { OfflineOptimumName } from '../../bench/simulator/belady.ts'
import type { PolicyName } from '../../src/cache/policies/index.ts'
import type { PolicyParameters } from '../../src/cache/policy.ts'

/** A policy of ours under the name that another simulator has for it, and how far the misses may be apart. */
export type ReferencePolicy = {
  readonly policy: PolicyName | OfflineOptimumName
  readonly parameters?: PolicyParameters
  /** Greatest difference in misses as a part of the reference's; 0 where the semantics are equal. */
  readonly tolerance: number
  /** Why the numbers are not equal. */
  readonly because?: string
}

/** libCacheSim 0.3.5, under the names of the reference tables in objects and in bytes. */
export const libCacheSimPolicies: Readonly<Record<string, ReferencePolicy>> = {
  FIFO: { policy: 'fifo', tolerance: 0 },
  LRU: { policy: 'lru', tolerance: 0 },
  CLOCK: { policy: 'clock', tolerance: 0 },
  Clock: { policy: 'clock', tolerance: 0 },
  CLOCK2: { policy: 'clock', parameters: { bits: 2 }, tolerance: 0 },
  SIEVE: { policy: 'sieve', tolerance: 0 },
  Sieve: { policy: 'sieve', tolerance: 0 },
  S3FIFO: { policy: 's3-fifo', tolerance: 0 },
  'S3FIFO-t1': { policy: 's3-fifo', parameters: { threshold: 1 }, tolerance: 0 },
  SLRU: { policy: 'slru', tolerance: 0 },
  '2Q': { policy: '2q', tolerance: 0 },
  TwoQ: { policy: '2q', tolerance: 0 },
  ARC: { policy: 'arc', tolerance: 0 },
  LFU: { policy: 'lfu', tolerance: 0 },
  'LRU-2': { policy: 'lru-2', tolerance: 0 },
  Belady: { policy: 'belady', tolerance: 0 },
  LIRS: { policy: 'lirs', tolerance: 0.022, because: 'the bound of the stack is applied at other moments' },
  GDSF: { policy: 'gdsf', tolerance: 0 },
  Hyperbolic: { policy: 'hyperbolic', tolerance: 0.01, because: 'victims are drawn by chance' },
}

/** The Caffeine simulator 3.2.0. */
export const caffeinePolicies: Readonly<Record<string, ReferencePolicy>> = {
  'linked.Fifo': { policy: 'fifo', tolerance: 0 },
  'linked.Lru': { policy: 'lru', tolerance: 0 },
  'linked.Clock': { policy: 'clock', tolerance: 0.001, because: 'room is made after the newcomer is in' },
  'opt.Clairvoyant': { policy: 'belady-bypass', tolerance: 0 },
  'sketch.WindowTinyLfu (1%)': {
    policy: 'w-tinylfu',
    tolerance: 0.04,
    because: 'the sketch hashes otherwise and counts every request towards its sample',
  },
  'irr.Lirs': { policy: 'lirs', tolerance: 0.022, because: 'other bounds of the stack' },
}
