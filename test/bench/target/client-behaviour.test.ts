import { expect, test } from 'vitest'
import { behaveAsClient, type ClientBehaviour } from '../../../bench/target/client-behaviour.ts'
import { LeanExchange } from '../../../bench/target/lean-exchange.ts'
import { openNullTarget } from '../../../bench/target/null.ts'
import type { Operation, OperationResult, Outcome } from '../../../bench/workload/operation.ts'
import { createRecordGenerator } from '../../../bench/workload/record-generator.ts'
import { systemClock } from '../../../src/support/clock.ts'
import { createPrng } from '../../../src/support/prng.ts'
import { startPlainHandleServer } from '../../support/plain-handle-server.ts'

const generator = createRecordGenerator({ seed: 1, prefix: '88.118' })
const { signal } = new AbortController()

/** A client of a target that answers these outcomes in turn, then `ok`. */
async function client(behaviour: ClientBehaviour, outcomes: readonly Outcome[] = []) {
  const time = { nowMs: 0 }
  const asked: Operation[] = []
  const target = {
    ...(await openNullTarget()),
    perform: async (operation: Operation): Promise<OperationResult> => {
      asked.push(operation)
      return { outcome: outcomes[asked.length - 1] ?? 'ok' }
    },
  }
  const clock = { nowMs: () => time.nowMs, nowNs: () => time.nowMs * 1e6 }
  return { time, asked, target: behaveAsClient(target, behaviour, { generator, clock, prng: createPrng(1) }) }
}

const resolve = (ordinal: number): Operation => ({ kind: 'resolve', ordinal, revision: 0 })

test('a client without manners is the target itself', async () => {
  const target = await openNullTarget()
  const parts = { generator, clock: systemClock, prng: createPrng(1) }
  expect(behaveAsClient(target, { retriesMax: 0, cacheEntries: 0 }, parts)).toBe(target)
})

test('what was turned away or not answered is asked again, up to the bound', async () => {
  const patient = await client({ retriesMax: 2 }, ['busy', 'timeout'])
  expect(await patient.target.perform(resolve(1), signal)).toEqual({ outcome: 'ok' })
  expect(patient.target.transport?.()).toMatchObject({ requests: 3, retries: 2, unanswered: 0 })
  const unlucky = await client({ retriesMax: 1 }, ['error', 'error'])
  expect(await unlucky.target.perform(resolve(1), signal)).toEqual({ outcome: 'error' })
  expect(unlucky.target.transport?.()).toMatchObject({ requests: 2, retries: 1, unanswered: 1 })
})

test('a write that was not answered may have taken effect and is not sent again, nor is a wrong answer', async () => {
  const writing = await client({ retriesMax: 5 }, ['timeout'])
  await writing.target.perform({ kind: 'value-put', ordinal: 15, revision: 2 }, signal)
  expect(writing.asked).toHaveLength(1)
  const wrong = await client({ retriesMax: 5 }, ['wrong'])
  expect(await wrong.target.perform(resolve(1), signal)).toEqual({ outcome: 'wrong' })
  expect(wrong.asked).toHaveLength(1)
})

test('an answer is kept for its TTL and no longer than an hour', async () => {
  const caching = await client({ cacheEntries: 100 })
  for (let ordinal = 0; ordinal < 20; ordinal++) {
    const { valuesJson } = generator.recordOf(ordinal, 0)
    const ttls = [...valuesJson.matchAll(/"ttl":(\d+)/g)].map(([, ttl]) => Number(ttl))
    const keptSeconds = Math.min(3600, ...ttls)
    const startMs = caching.time.nowMs
    const before = caching.asked.length
    await caching.target.perform(resolve(ordinal), signal)
    caching.time.nowMs = startMs + keptSeconds * 1000 - 1
    await caching.target.perform(resolve(ordinal), signal)
    expect(caching.asked.length - before).toBe(1)
    caching.time.nowMs = startMs + keptSeconds * 1000
    await caching.target.perform(resolve(ordinal), signal)
    expect(caching.asked.length - before).toBe(2)
  }
  expect(caching.target.transport?.().clientCacheHits).toBe(20)
})

test('the cache is bounded, forgets what is written, and keeps no failure', async () => {
  const caching = await client({ cacheEntries: 2 }, ['error'])
  await caching.target.perform(resolve(0), signal)
  for (const ordinal of [0, 1, 2, 0]) await caching.target.perform(resolve(ordinal), signal)
  expect(caching.asked).toHaveLength(5)
  await caching.target.perform({ kind: 'value-put', ordinal: 0, revision: 2 }, signal)
  await caching.target.perform(resolve(0), signal)
  expect(caching.asked).toHaveLength(7)
})

test('a connection is closed after its requests', async () => {
  const server = await startPlainHandleServer()
  const options = { url: server.url, connections: 1, timeoutSeconds: 5, clock: systemClock }
  const exchange = new LeanExchange({ ...options, requestsPerConnection: 3 })
  try {
    for (let request = 0; request < 9; request++)
      await exchange.send({ method: 'GET', path: '/api/handles/88.118/a' }, signal)
    expect(server.connections()).toBe(3)
  } finally {
    await exchange.close()
    await server.close()
  }
})
