import type { EvictionPolicy } from '../../src/cache/policy.ts'
import type { DenseTrace } from '../workload/traces/dense-trace.ts'

/** One policy under way over one trace: what the loop reads and counts. Its shape is fixed, so that the loop stays fast. */
export type Run = {
  readonly policy: EvictionPolicy
  /** The requests at hand: the whole trace, or a block of one that is longer than memory. */
  trace: DenseTrace
  readonly capacity: number
  readonly ttlSeconds: number
  readonly useTraceTtl: boolean
  /** 1 for a slot that is resident. */
  readonly resident: Uint8Array
  /** Bytes of each slot as they were when it was offered; absent where objects are counted. */
  readonly weights: Uint32Array | undefined
  /** Second on the trace's clock from which a slot is stale; absent without ttl. */
  readonly staleAtSeconds: Float64Array | undefined
  occupied: number
  misses: number
  bytes: number
  byteMisses: number
  evictions: number
  expirations: number
  refusals: number
}

/**
 * Asks for requests [from, to) of the trace. Where only objects count a loop of its own reads one array a hit: this is what
 * `npm run bench:simulator` measures.
 */
export function runRequests(run: Run, from: number, to: number): void {
  if (run.weights === undefined && run.staleAtSeconds === undefined) countObjects(run, from, to)
  else weighAndExpire(run, from, to)
  if (run.trace.bytesOf === undefined) run.bytes += to - from
}

function countObjects(run: Run, from: number, to: number): void {
  const { policy, resident } = run
  const { objectOf, bytesOf } = run.trace
  for (let request = from; request < to; request++) {
    const slot = objectOf[request] as number
    if (resident[slot] === 1) {
      policy.onHit?.(slot)
      continue
    }
    run.misses++
    if (bytesOf !== undefined) run.byteMisses += bytesOf[request] as number
    policy.onMiss?.(slot)
    insert(run, slot, 1)
  }
  if (bytesOf === undefined) run.byteMisses = run.misses
  else for (let request = from; request < to; request++) run.bytes += bytesOf[request] as number
}

function weighAndExpire(run: Run, from: number, to: number): void {
  const { policy, resident, weights, staleAtSeconds } = run
  const { objectOf, bytesOf, atSecondsOf } = run.trace
  for (let request = from; request < to; request++) {
    const slot = objectOf[request] as number
    const bytes = bytesOf === undefined ? 1 : (bytesOf[request] as number)
    const atSeconds = atSecondsOf === undefined ? 0 : (atSecondsOf[request] as number)
    if (bytesOf !== undefined) run.bytes += bytes
    if (resident[slot] === 1) {
      if (staleAtSeconds === undefined || atSeconds < (staleAtSeconds[slot] as number)) {
        policy.onHit?.(slot)
        continue
      }
      run.expirations++
      policy.onRemove(slot)
      release(run, slot)
    }
    run.misses++
    run.byteMisses += bytes
    policy.onMiss?.(slot)
    const weight = weights === undefined ? 1 : bytes
    if (weight > run.capacity) {
      run.refusals++
      continue
    }
    if (weights !== undefined) weights[slot] = weight
    if (staleAtSeconds !== undefined) staleAtSeconds[slot] = atSeconds + ttlSecondsOf(run, request)
    insert(run, slot, weight)
  }
}

function insert(run: Run, slot: number, weight: number): void {
  const { policy, resident } = run
  if (policy.accepts !== undefined && !policy.accepts(slot)) {
    run.refusals++
    return
  }
  while (run.occupied + weight > run.capacity) {
    release(run, policy.evict(slot))
    run.evictions++
  }
  resident[slot] = 1
  run.occupied += weight
  policy.onInsert(slot)
}

/** Takes a slot that the policy let go out of the account. */
export function release(run: Run, slot: number): void {
  run.resident[slot] = 0
  run.occupied -= run.weights === undefined ? 1 : (run.weights[slot] as number)
}

function ttlSecondsOf(run: Run, request: number): number {
  const own = run.useTraceTtl ? (run.trace.ttlSecondsOf?.[request] ?? 0) : 0
  const ttl = own > 0 ? own : Number.POSITIVE_INFINITY
  return Math.min(ttl, run.ttlSeconds)
}
