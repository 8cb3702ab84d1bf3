import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { simulate } from '../../bench/simulator/simulate.ts'
import { loadDenseTrace } from '../../bench/workload/traces/load-dense-trace.ts'
import { AccessTrace } from '../../src/access-trace.ts'
import type { CacheStatistics } from '../../src/cache/cache.ts'
import { createPrng } from '../../src/support/prng.ts'
import { ask } from '../support/ask.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { NodePlace, testPrefix } from '../support/node-process.ts'

const records = 60
const requests = 600

describe('erji serve --access-trace', () => {
  test('records what a node was asked, so that the simulator predicts what it did', async () => {
    await using place = await NodePlace.create()
    const file = join(place.directory, 'asked')
    const flags = {
      'access-trace': file,
      workers: '1',
      'cache-policy': 'sieve',
      'cache-entries-max': '20',
    }
    const node = await place.start(flags)
    const lines = Array.from({ length: records }, (_, record) => {
      const value = { index: 1, type: 'URL', data: 'https://a.example/' }
      return JSON.stringify({ handle: handleOf(record), values: [value] })
    })
    const answer = await ask(`${node.url}/api/registrations`, {
      method: 'POST',
      headers: { authorization: await place.authorization(), 'content-type': 'application/x-ndjson' },
      body: lines.join('\n'),
    })
    expect(answer.status).toBe(200)
    const prng = createPrng(5)
    const before = await cacheOf(node.url)
    for (let request = 0; request < requests; request++) {
      const record = Math.floor(records * (prng.nextBelow(1000) / 1000) ** 2)
      expect((await ask(`${node.url}/api/handles/${handleOf(record)}`)).status).toBe(200)
    }
    await ask(`${node.url}/api/handles/${testPrefix}/nobody`)
    const after = await cacheOf(node.url)
    await node.stop()

    const text = await readFile(file, 'utf8')
    expect(text).not.toContain(testPrefix)
    // Nobody without the secret can try handles until one fits.
    expect(text).not.toContain(hash('sha256', handleOf(0).toUpperCase()).slice(0, 16))
    const { trace, format } = await loadDenseTrace(file)
    expect(format).toBe('erji')
    // Registrations look the administrator up, before the statistics were first read.
    const asked = trace.requests - requests - 1
    expect(asked).toBeGreaterThanOrEqual(0)
    const hits = text.split('\n').filter((line) => line.includes(',hit,')).length
    expect(hits).toBe(after.hits)
    expect(after.hits - before.hits).toBeGreaterThan(requests / 10)
    const unsized = { requests: trace.requests, objects: trace.objects, objectOf: trace.objectOf }
    const predicted = simulate('sieve', unsized, { capacity: 20, unit: 'objects', windows: 1 })
    // The absent handle is kept beside the records.
    expect(after.hits).toBe(trace.requests - predicted.misses)
  })

  test('writes whole lines from all workers, with plain handles where it is told to', async () => {
    await using place = await NodePlace.create()
    const file = join(place.directory, 'asked')
    const node = await place.start({
      'access-trace': file,
      'access-trace-keys': 'plain',
      workers: '2',
    })
    await Promise.all(
      Array.from({ length: 40 }, (_, at) =>
        ask(`${node.url}/api/handles/${testPrefix}/A,${at % 10}%E6%A0%87`),
      ),
    )
    await node.stop()
    const { trace } = await loadDenseTrace(file)
    expect([trace.requests, trace.objects]).toEqual([40, 10])
    expect(await readFile(file, 'utf8')).toContain(`,absent,${testPrefix}/A,3标\n`)
  })
})

test('a file that takes no more ends the recording, not the node', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined)
  const trace = new AccessTrace({ file: '/dev/full', keys: 'plain' }, new FakeClock())
  try {
    for (let request = 0; request < 5000; request++)
      trace.record('88.1/A', { bytes: 1, ttlSeconds: 1, outcome: 'hit' })
    expect(warned).toHaveBeenCalledTimes(1)
    expect(String(warned.mock.calls[0]?.[0])).toContain('the access trace ends here')
  } finally {
    trace.close()
    warned.mockRestore()
  }
})

async function cacheOf(url: string): Promise<CacheStatistics> {
  return (await ask(`${url}/api/statistics`)).json().cache as CacheStatistics
}

function handleOf(record: number): string {
  return `${testPrefix}/R${String(record).padStart(4, '0')}`
}
