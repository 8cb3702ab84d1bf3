import { type PolicyName, policies } from '../../src/cache/policies/index.ts'
import type {
  EvictionPolicy,
  PolicyContext,
  PolicyFactory,
  PolicyParameters,
} from '../../src/cache/policy.ts'
import { assert } from '../../src/support/assert.ts'
import { type Clock, systemClock } from '../../src/support/clock.ts'
import { createPrng } from '../../src/support/prng.ts'
import {
  hasColumn,
  isSpilled,
  openBlocks,
  type StoredTrace,
  type TraceBlocks,
} from '../workload/traces/stored-trace.ts'
import { type OfflineOptimumName, offlineOptima } from './belady.ts'
import { type Run, release, runRequests } from './request-loop.ts'
import { type RequestLoop, requestLoopOf } from './request-loops.ts'

export type CapacityUnit = 'objects' | 'bytes'

export type SimulationOptions = {
  readonly capacity: number
  /** What the capacity counts; `objects` ignores sizes. */
  readonly unit: CapacityUnit
  /** Parameters that differ from the policy's defaults. */
  readonly parameters?: PolicyParameters
  /** The first part of the requests, in [0, 1), that fills the cache and is counted nowhere. */
  readonly warmUpFraction?: number
  /** How long an object may be kept, on the trace's clock; the trace's own ttl counts where it is shorter. */
  readonly ttlSeconds?: number
  /** Whether the ttl of each request counts. */
  readonly useTraceTtl?: boolean
  /** Into how many equal parts of the counted requests the time series is cut. */
  readonly windows?: number
  readonly seed?: number
  /** 32 bits by object for policies that sketch; spread object numbers where absent. */
  readonly hashOf?: Uint32Array
  readonly clock?: Clock
}

/** What one policy made of one trace at one capacity; counts are without the warm-up. */
export type SimulationResult = {
  readonly policy: string
  readonly parameters: PolicyParameters
  readonly capacity: number
  readonly unit: CapacityUnit
  readonly requests: number
  readonly misses: number
  /** Bytes asked for and missed; objects where the trace has no sizes. */
  readonly bytes: number
  readonly byteMisses: number
  /** Who left to make room, at whichever moment the policy chose. */
  readonly evictions: number
  readonly expirations: number
  /** Objects that were not kept: heavier than the capacity, or unwanted by the policy. */
  readonly refusals: number
  readonly series: readonly SimulationWindow[]
  readonly nsPerRequest: number
}

export type SimulationWindow = {
  readonly requests: number
  readonly misses: number
  readonly bytes: number
  readonly byteMisses: number
}

/** Runs a trace through a policy of the table, or through an offline optimum. */
export function simulate(
  policy: PolicyName | OfflineOptimumName,
  trace: StoredTrace,
  options: SimulationOptions,
): SimulationResult {
  if (isOfflineOptimum(policy)) {
    assert(!expires(options), 'an offline optimum knows the next use, not the next expiry')
    assert(!isSpilled(trace), 'an offline optimum looks ahead in a trace that is in memory')
    return simulateWith(offlineOptima[policy](trace), trace, { ...options, name: policy, parameters: {} })
  }
  const factory: PolicyFactory = policies[policy]
  const parameters = { ...factory.parameters, ...options.parameters }
  const create = (context: PolicyContext): EvictionPolicy => factory.create(context, parameters)
  return simulateWith(create, trace, { ...options, name: policy, parameters })
}

/** Runs a trace through a policy that is in no table. */
export function simulateWith(
  create: (context: PolicyContext) => EvictionPolicy,
  trace: StoredTrace,
  options: SimulationOptions & { readonly name: string },
): SimulationResult {
  assert(Number.isSafeInteger(options.capacity) && options.capacity > 0, 'a capacity is a positive integer')
  assert(
    options.unit === 'objects' || hasColumn(trace, 'bytesOf'),
    'a capacity in bytes needs a trace with sizes',
  )
  const blocks = openBlocks(trace)
  try {
    return runBlocks(createRun(create, { trace, blocks }, options), { trace, blocks }, options)
  } finally {
    blocks.close()
  }
}

type Opened = { readonly trace: StoredTrace; readonly blocks: TraceBlocks }

function runBlocks(
  run: Run,
  { trace, blocks }: Opened,
  options: SimulationOptions & { readonly name: string },
): SimulationResult {
  const warmUp = warmUpRequests(trace, options)
  const loop = overBlocks(blocks, requestLoopOf(options.name) ?? runRequests)
  const clock = options.clock ?? systemClock
  const startedNs = clock.nowNs()
  loop(run, 0, warmUp)
  const before = {
    ...counts(run),
    evictions: run.evictions,
    expirations: run.expirations,
    refusals: run.refusals,
  }
  const range = { from: warmUp, to: trace.requests, windows: options.windows ?? 1 }
  const series = runWindows(run, loop, range)
  const nsPerRequest = (clock.nowNs() - startedNs) / Math.max(1, trace.requests)
  return {
    policy: options.name,
    parameters: options.parameters ?? {},
    capacity: options.capacity,
    unit: options.unit,
    requests: trace.requests - warmUp,
    misses: run.misses - before.misses,
    bytes: run.bytes - before.bytes,
    byteMisses: run.byteMisses - before.byteMisses,
    evictions: run.evictions - before.evictions,
    expirations: run.expirations - before.expirations,
    refusals: run.refusals - before.refusals,
    series,
    nsPerRequest,
  }
}

/** The loop over a range of the whole trace, one block after the other. */
function overBlocks(blocks: TraceBlocks, loop: RequestLoop): RequestLoop {
  return (run, from, to) => {
    for (let request = from; request < to; ) {
      const { first, trace } = blocks.at(request)
      const end = Math.min(to, first + trace.requests)
      run.trace = trace
      loop(run, request - first, end - first)
      request = end
    }
  }
}

function createRun(
  create: (context: PolicyContext) => EvictionPolicy,
  { trace, blocks }: Opened,
  options: SimulationOptions,
): Run {
  const { capacity, unit, hashOf } = options
  const prng = createPrng(options.seed ?? defaultSeed)
  const weights = unit === 'bytes' ? new Uint32Array(trace.objects) : undefined
  const context: PolicyContext = {
    capacity,
    slotsMax: trace.objects,
    ...(weights === undefined ? {} : { weights }),
    hashOf: hashOf === undefined ? spread : (slot) => hashOf[slot] as number,
    random: prng.nextDouble,
    onEvicted: (slot) => {
      release(run, slot)
      run.evictions++
    },
    onForgotten: () => undefined,
  }
  const run: Run = {
    policy: create(context),
    trace: blocks.at(0).trace,
    capacity,
    ttlSeconds: options.ttlSeconds ?? Number.POSITIVE_INFINITY,
    useTraceTtl: options.useTraceTtl === true,
    resident: new Uint8Array(trace.objects),
    weights,
    staleAtSeconds: expires(options) ? new Float64Array(trace.objects) : undefined,
    occupied: 0,
    misses: 0,
    bytes: 0,
    byteMisses: 0,
    evictions: 0,
    expirations: 0,
    refusals: 0,
  }
  return run
}

function isOfflineOptimum(policy: string): policy is OfflineOptimumName {
  return Object.hasOwn(offlineOptima, policy)
}

function expires(options: SimulationOptions): boolean {
  return options.ttlSeconds !== undefined || options.useTraceTtl === true
}

function runWindows(
  run: Run,
  loop: RequestLoop,
  range: { from: number; to: number; windows: number },
): SimulationWindow[] {
  const series: SimulationWindow[] = []
  const requests = range.to - range.from
  for (let window = 0; window < range.windows; window++) {
    const from = range.from + Math.floor((requests * window) / range.windows)
    const to = range.from + Math.floor((requests * (window + 1)) / range.windows)
    const before = counts(run)
    loop(run, from, to)
    const after = counts(run)
    series.push({
      requests: to - from,
      misses: after.misses - before.misses,
      bytes: after.bytes - before.bytes,
      byteMisses: after.byteMisses - before.byteMisses,
    })
  }
  return series
}

function counts(run: Run): { misses: number; bytes: number; byteMisses: number } {
  return { misses: run.misses, bytes: run.bytes, byteMisses: run.byteMisses }
}

function warmUpRequests(trace: StoredTrace, options: SimulationOptions): number {
  const fraction = options.warmUpFraction ?? 0
  assert(fraction >= 0 && fraction < 1, 'a warm-up is a fraction from 0 to below 1')
  return Math.floor(trace.requests * fraction)
}

const defaultSeed = 42

/** A bijection of 32 bits (a finaliser of MurmurHash3's kind), so that neighbours in number are none in a sketch. */
function spread(slot: number): number {
  let mixed = Math.imul(slot ^ (slot >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
