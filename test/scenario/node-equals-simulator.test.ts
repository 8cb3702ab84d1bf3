import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { simulate } from '../../bench/simulator/simulate.ts'
import type { DenseTrace } from '../../bench/workload/traces/dense-trace.ts'
import type { CacheStatistics } from '../../src/cache/cache.ts'
import { Epochs } from '../../src/cache/epochs.ts'
import { type PolicyName, policies } from '../../src/cache/policies/index.ts'
import { TextHash } from '../../src/cache/text-hash.ts'
import { parseConfig } from '../../src/config.ts'
import { startHttpServer } from '../../src/http/server.ts'
import { openNode } from '../../src/node.ts'
import { createPrng } from '../../src/support/prng.ts'
import { ask } from '../support/ask.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { hashSecret } from '../support/hash-secret.ts'
import { basic } from '../support/node-process.ts'
import { densify } from '../support/reference-traces.ts'

const records = 120
const requests = 900
const cachedRecords = 35
const clock = new FakeClock()
// W-TinyLFU counts by it, so that both must have the same.
const hash = new TextHash(hashSecret(42))

/** Handles and records of one length each, so that every cached record has the same weight. */
const handleOf = (record: number): string => `88.1000/R${String(record).padStart(4, '0')}`

describe('a node has exactly the hits that the simulator predicts', () => {
  let directory = ''
  const trace = skewedTrace()

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'erji-simulated-'))
    await using node = await startNode({ cacheBytes: '1MiB' })
    for (let record = 0; record < records; record++) {
      const value = {
        index: 1,
        type: 'URL',
        data: { format: 'string', value: `http://a.example/${record + 1000}` },
      }
      await node.put(handleOf(record), { values: [value] })
    }
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  const cases = (Object.keys(policies) as PolicyName[]).map((policy) => ({ policy, cacheMemory: 'slab' }))
  for (const { policy, cacheMemory } of [...cases, { policy: 'lru' as const, cacheMemory: 'heap' }]) {
    test(`${policy} (${cacheMemory}), request by request`, async () => {
      const settings = { cachePolicy: policy, cacheMemory, cacheNegativeBytes: 0 }
      const weight = await weightOfOneRecord({ ...settings, cacheBytes: '1MiB' })
      const capacity = cachedRecords * weight + 17
      await using node = await startNode({ ...settings, cacheBytes: capacity })
      const hits: number[] = []
      for (const object of trace.objectOf) {
        const before = node.statistics().hits
        expect((await ask(`${node.url}/api/handles/${handleOf(object)}`)).status).toBe(200)
        hits.push(node.statistics().hits - before)
      }
      const predicted = simulate(
        policy,
        { ...trace, bytesOf: new Uint32Array(requests).fill(weight) },
        {
          capacity,
          unit: 'bytes',
          windows: requests,
          hashOf: Uint32Array.from({ length: records }, (_, record) => hash.of(handleOf(record))),
        },
      )
      expect(hits).toEqual(predicted.series.map(({ misses }) => 1 - misses))
      expect(node.statistics().evictions).toBe(predicted.evictions)
    })
  }

  for (const { policy, cacheMemory } of cases) {
    test(`${policy} (${cacheMemory}), where entries are what is bounded`, async () => {
      const settings = {
        cachePolicy: policy,
        cacheMemory,
        cacheEntriesMax: cachedRecords,
        cacheBytes: '64MiB',
      }
      await using node = await startNode(settings)
      for (const object of trace.objectOf) await ask(`${node.url}/api/handles/${handleOf(object)}`)
      const { misses, evictions } = simulate(policy, trace, {
        capacity: cachedRecords,
        unit: 'objects',
        hashOf: Uint32Array.from({ length: records }, (_, record) => hash.of(handleOf(record))),
      })
      expect(node.statistics()).toMatchObject({ hits: requests - misses, evictions })
    })
  }

  async function weightOfOneRecord(settings: Readonly<Record<string, unknown>>): Promise<number> {
    await using node = await startNode(settings)
    await ask(`${node.url}/api/handles/${handleOf(0)}`)
    return node.statistics().bytes
  }

  async function startNode(settings: Readonly<Record<string, unknown>>) {
    const config = parseConfig({
      data: directory,
      prefix: '88.1000',
      host: '127.0.0.1',
      port: 0,
      workers: 1,
      ...settings,
    })
    const node = await openNode(config, clock, { epochs: new Epochs({ hash }) })
    const server = await startHttpServer(node, pino({ level: 'silent' }))
    const url = server.urls[0] ?? ''
    const { user = '', secret = '' } = node.administrators[0] ?? {}
    return {
      url,
      statistics: (): CacheStatistics => node.cache.statistics(),
      put: async (handle: string, body: unknown): Promise<void> => {
        const answer = await ask(`${url}/api/handles/${handle}`, {
          method: 'PUT',
          authorization: basic(user, secret),
          body,
        })
        expect(answer.status).toBe(201)
      },
      [Symbol.asyncDispose]: async () => {
        await server.close()
        await node.close()
      },
    }
  }
})

function skewedTrace(): DenseTrace {
  const prng = createPrng(11)
  return densify(Array.from({ length: requests }, () => Math.floor(records * prng.nextDouble() ** 2)))
}
