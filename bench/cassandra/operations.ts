import { Pool } from 'undici'
import { systemClock } from '../../src/support/clock.ts'

/** What is asked of the nodes; each says where its cost arises. */
export const operationNames = [
  'register single',
  'register bulk',
  'resolve cached',
  'resolve missed',
  'resolve absent',
] as const
export type OperationName = (typeof operationNames)[number]

/** Nodes over one store, and how to write to them. */
export type Target = {
  readonly name: string
  readonly urls: readonly string[]
  readonly authorization: string
  readonly prefix: string
  /** Records under `prefix/base-0`, `prefix/base-1` … */
  readonly records: number
}

/** What closed loops did in their time; a bulk registration counts its records, its latency is the whole batch's. */
export type Performed = {
  readonly operations: number
  readonly failed: number
  readonly seconds: number
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly worst: number }
}

type Loop = {
  readonly pool: Pool
  readonly target: Target
  readonly random: () => number
  readonly run: string
}
type Once = (loop: Loop) => Promise<{ readonly done: number; readonly failed: number }>

const requestsInFlight = 32
const bulkInFlight = 4
/** Records of one bulk registration. */
export const bulkRecords = 500
const cachedRecords = 100
let unique = 0

const operations: Readonly<Record<OperationName, { readonly inFlight: number; readonly once: Once }>> = {
  'register single': {
    inFlight: requestsInFlight,
    once: async ({ pool, target, run, random }) => {
      const path = `/api/handles/${target.prefix}/${run}-${unique++}?overwrite=false`
      return answered(pool, {
        method: 'PUT',
        path,
        target,
        body: JSON.stringify(recordValues(random)),
        expected: 201,
      })
    },
  },
  'register bulk': {
    inFlight: bulkInFlight,
    once: async ({ pool, target, run, random }) => {
      const body = bulkBody(target.prefix, () => `${run}-${unique++}`, { random })
      return registeredInBulk(pool, target, body)
    },
  },
  'resolve cached': {
    inFlight: requestsInFlight,
    once: ({ pool, target, random }) =>
      answered(pool, { path: pathOf(target, Math.floor(random() * cachedRecords)), expected: 200 }),
  },
  // Past the cache, as a miss goes.
  'resolve missed': {
    inFlight: requestsInFlight,
    once: ({ pool, target, random }) =>
      answered(pool, {
        path: `${pathOf(target, Math.floor(random() * target.records))}?auth=true`,
        expected: 200,
      }),
  },
  'resolve absent': {
    inFlight: requestsInFlight,
    once: ({ pool, target, run }) =>
      answered(pool, { path: `/api/handles/${target.prefix}/none-${run}-${unique++}`, expected: 404 }),
  },
}

export type PerformOptions = {
  readonly seconds: number
  readonly random: () => number
  /** Part of the names of what is registered, so that no two turns collide. */
  readonly run: string
}

/** How many loops perform an operation. */
export function inFlightOf(name: OperationName): number {
  return operations[name].inFlight
}

/** Performs one operation over and over for so many seconds, spread over the target's nodes. */
export async function perform(
  name: OperationName,
  target: Target,
  options: PerformOptions,
): Promise<Performed> {
  const { inFlight, once } = operations[name]
  const pools = target.urls.map((url) => new Pool(url, { connections: inFlight }))
  try {
    return await performInLoops({ ...options, inFlight }, (loop) =>
      once({ ...options, target, pool: pools[loop % pools.length] as Pool }),
    )
  } finally {
    await Promise.all(pools.map((pool) => pool.close()))
  }
}

/** Closed loops for so many seconds; `once` is told which of them asks. */
export async function performInLoops(
  { inFlight, seconds }: { readonly inFlight: number; readonly seconds: number },
  once: (loop: number) => Promise<{ readonly done: number; readonly failed: number }>,
): Promise<Performed> {
  const latencies: number[] = []
  let operationsDone = 0
  let failed = 0
  const startNs = systemClock.nowNs()
  const endNs = startNs + seconds * 1e9
  const perform = async (loop: number): Promise<void> => {
    while (systemClock.nowNs() < endNs) {
      const fromNs = systemClock.nowNs()
      const result = await once(loop)
      latencies.push((systemClock.nowNs() - fromNs) / 1e6)
      operationsDone += result.done
      failed += result.failed
    }
  }
  await Promise.all(Array.from({ length: inFlight }, (_, loop) => perform(loop)))
  const tookSeconds = (systemClock.nowNs() - startNs) / 1e9
  return { operations: operationsDone, failed, seconds: tookSeconds, latencyMs: latencyOf(latencies) }
}

/** Registers `prefix/base-0` … in bulk through the first node. @throws Error when one is refused. */
export async function loadRecords(target: Target, random: () => number): Promise<void> {
  const pool = new Pool(target.urls[0] ?? '', { connections: bulkInFlight })
  let next = 0
  const loader = async (): Promise<void> => {
    while (next < target.records) {
      const first = next
      next += bulkRecords
      const last = Math.min(next, target.records)
      let number = first
      const body = bulkBody(target.prefix, () => `base-${number++}`, { random, records: last - first })
      const { done } = await registeredInBulk(pool, target, body)
      if (done !== last - first) throw new Error(`${done} of ${last - first} records were loaded`)
    }
  }
  await Promise.all(Array.from({ length: bulkInFlight }, loader))
  await pool.close()
}

/** About as long as the records of a product are, and as hard to compress: text that repeats would flatter the disk. */
export function recordValues(random: () => number) {
  const text = (): string => Array.from({ length: 8 }, () => random().toString(36).slice(2, 10)).join('-')
  return [
    { index: 1, type: 'URL', data: { format: 'string', value: `https://example.org/products/${text()}` } },
    { index: 2, type: 'DESC', data: { format: 'string', value: `灯具 batch ${text()}` } },
  ]
}

function pathOf({ prefix }: Target, number: number): string {
  return `/api/handles/${prefix}/base-${number}`
}

function bulkBody(
  prefix: string,
  suffix: () => string,
  { random, records = bulkRecords }: { readonly random: () => number; readonly records?: number },
): string {
  let body = ''
  for (let record = 0; record < records; record++)
    body += `${JSON.stringify({ handle: `${prefix}/${suffix()}`, values: recordValues(random) })}\n`
  return body
}

async function registeredInBulk(pool: Pool, { authorization }: Target, body: string) {
  const headers = { authorization, 'content-type': 'application/x-ndjson' }
  const response = await pool.request({ method: 'POST', path: '/api/registrations', headers, body })
  const lines = (await response.body.text()).trimEnd().split('\n')
  const done = lines.filter((line) => line.includes('"created"')).length
  return { done, failed: lines.length - done }
}

async function answered(
  pool: Pool,
  request: {
    readonly method?: 'GET' | 'PUT'
    readonly path: string
    readonly target?: Target
    readonly body?: string
    readonly expected: number
  },
) {
  const { method = 'GET', path, target, body, expected } = request
  const headers = target && { authorization: target.authorization, 'content-type': 'application/json' }
  const response = await pool.request({
    method,
    path,
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined ? {} : { body }),
  })
  await response.body.dump()
  return response.statusCode === expected ? { done: 1, failed: 0 } : { done: 0, failed: 1 }
}

function latencyOf(latencies: number[]): Performed['latencyMs'] {
  const sorted = latencies.sort((left, right) => left - right)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { p50: at(0.5), p99: at(0.99), worst: at(1) }
}
