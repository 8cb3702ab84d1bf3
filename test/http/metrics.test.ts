import { afterEach, beforeEach, expect, test } from 'vitest'
import { type MemoryNode, startMemoryNode } from '../support/memory-node.ts'

const record = [{ index: 1, type: 'T', data: 'x' }]

let node: MemoryNode
beforeEach(async () => {
  node = await startMemoryNode()
  await node.administer('/api/handles/88.1000/x', { method: 'PUT', body: record })
})
afterEach(() => node[Symbol.asyncDispose]())

test('a resolution moves hits or misses, and latency under its method, route and outcome', async () => {
  const handle = '/api/handles/88.1000/x'
  const before = (await scrape()).samples
  await node.ask(handle)
  await node.ask(handle)
  await node.ask(`${handle}?index=x`)
  await node.ask('/api/handles/88.1000/absent')
  await node.ask('/api/handles/88.1000/absent')
  const after = (await scrape()).samples
  const moved = (name: string): number => (after.get(name) ?? 0) - (before.get(name) ?? 0)
  expect(moved('erji_cache_hits_total')).toBe(1)
  expect(moved('erji_cache_misses_total')).toBe(2)
  expect(moved('erji_cache_negative_hits_total')).toBe(1)
  const counted = (outcome: string, method = 'GET') =>
    `erji_http_request_seconds_count{method="${method}",route="/api/handles/*",outcome="${outcome}"}`
  expect([moved(counted('ok')), moved(counted('absent')), moved(counted('refused'))]).toEqual([2, 2, 1])
  expect(after.get(counted('ok', 'PUT'))).toBe(1)
})

test('every request is counted, whatever its route', async () => {
  for (const target of ['/docs', '/openapi.json', '/health/live', '/88.1000/x', '/api/site', '/metrics']) {
    await node.ask(target)
  }
  await node.ask('/api/handles/88.1000/x', { method: 'PATCH' })
  const { samples } = await scrape()
  const routes = [...samples.keys()].flatMap(
    (name) => /^erji_http_request_seconds_count\{.*route="([^"]*)"/.exec(name)?.[1] ?? [],
  )
  expect(routes).toEqual(
    expect.arrayContaining(['/docs', '/openapi.json', '/health/live', '/*', '/api/site', '/metrics', 'none']),
  )
})

test('requests, cache, store, registrations, event loop, garbage collection and process are all there', async () => {
  const { types } = await scrape()
  expect(Object.fromEntries(types)).toMatchObject({
    erji_http_request_seconds: 'histogram',
    erji_cache_hits_total: 'counter',
    erji_cache_misses_total: 'counter',
    erji_cache_negative_hits_total: 'counter',
    erji_cache_evictions_total: 'counter',
    erji_cache_bytes: 'gauge',
    erji_cache_bytes_max: 'gauge',
    erji_cache_entries: 'gauge',
    erji_cache_negative_entries: 'gauge',
    erji_store_records: 'gauge',
    erji_store_bytes: 'gauge',
    erji_store_writable: 'gauge',
    erji_prefixes: 'gauge',
    erji_records_created_total: 'counter',
    erji_records_replaced_total: 'counter',
    erji_records_modified_total: 'counter',
    erji_records_deleted_total: 'counter',
    erji_event_loop_delay_p99_seconds: 'gauge',
    nodejs_eventloop_lag_p99_seconds: 'gauge',
    nodejs_gc_duration_seconds: 'histogram',
    process_resident_memory_bytes: 'gauge',
    process_cpu_seconds_total: 'counter',
  })
})

test('store and registrations say what the node holds and did', async () => {
  const { samples } = await scrape()
  expect(samples.get('erji_store_records')).toBe(3)
  expect(samples.get('erji_store_writable')).toBe(1)
  expect(samples.get('erji_prefixes')).toBe(1)
  expect(samples.get('erji_records_created_total')).toBe(1)
})

test('the text is what the Prometheus exposition format allows', async () => {
  const answer = await node.ask('/metrics')
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  expect(answer.text.endsWith('\n')).toBe(true)
  const { types, samples } = exposition(answer.text)
  const family = (name: string) => (types.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, ''))
  for (const sample of samples.keys()) expect(types.has(family(sample.split('{', 1)[0] ?? ''))).toBe(true)
  const buckets = [...samples].filter(([name]) => name.startsWith('erji_http_request_seconds_bucket'))
  expect(buckets.length).toBeGreaterThan(0)
  let below = 0
  for (const [name, count] of buckets) {
    expect(count, name).toBeGreaterThanOrEqual(below)
    const isLast = name.includes('le="+Inf"')
    below = isLast ? 0 : count
    const total = name.replace('_bucket', '_count').replace(/le="\+Inf",/, '')
    if (isLast) expect(samples.get(total)).toBe(count)
  }
})

async function scrape() {
  return exposition((await node.ask('/metrics')).text)
}

const labels = String.raw`\{(?:[a-z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*\}`
const sampleLine = new RegExp(String.raw`^([a-z_:][\w:]*(?:${labels})?) (NaN|[+-]Inf|[-+]?\d[\d.e+-]*)$`, 'i')

/** Types by family and values by sample; a line that is neither, or that comes twice, fails the test. */
function exposition(text: string) {
  const types = new Map<string, string>()
  const samples = new Map<string, number>()
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('# HELP ')) continue
    const [, typed, type = ''] = /^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/.exec(line) ?? []
    const [, sample, value] = sampleLine.exec(line) ?? []
    const name = typed ?? sample
    expect(name, line).toBeDefined()
    expect((typed === undefined ? samples : types).has(name ?? ''), line).toBe(false)
    if (typed !== undefined) types.set(typed, type)
    if (sample !== undefined) samples.set(sample, Number(value))
  }
  return { types, samples }
}
