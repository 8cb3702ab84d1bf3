import { expect, test } from 'vitest'
import { startMemoryNode } from '../support/memory-node.ts'

test('metrics are Prometheus text, and resolutions move hits, misses and latency', async () => {
  await using node = await startMemoryNode()
  await node.administer('/api/handles/88.1000/x', {
    method: 'PUT',
    body: [{ index: 1, type: 'T', data: 'x' }],
  })
  const before = samplesOf((await node.ask('/metrics')).text)
  await node.ask('/api/handles/88.1000/x')
  await node.ask('/api/handles/88.1000/x')
  await node.ask('/api/handles/88.1000/absent')
  const after = samplesOf((await node.ask('/metrics')).text)
  const moved = (name: string): number => (after.get(name) ?? 0) - (before.get(name) ?? 0)
  expect(moved('erji_cache_hits_total')).toBeGreaterThan(0)
  expect(moved('erji_cache_misses_total')).toBeGreaterThan(0)
  const counts = [...after.keys()].filter((name) => name.startsWith('erji_http_request_seconds_count'))
  expect(counts.some((name) => name.includes('outcome="ok"'))).toBe(true)
  expect(counts.some((name) => name.includes('outcome="absent"'))).toBe(true)
})

function samplesOf(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      expect(line).toMatch(/^[a-z_]\w*(\{.*\})? (NaN|[-+\d.e]+)$/i)
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space), Number(line.slice(space + 1))]
    }),
  )
}
