import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { CapacityResult } from '../../bench/capacity/capacity-result.ts'
import { capacityFlags } from '../../bench/capacity-options.ts'
import { runCapacity } from '../../bench/command-capacity.ts'
import { runLoad } from '../../bench/command-load.ts'
import { loadFlags } from '../../bench/command-options.ts'
import { startPlainHandleServer } from '../support/plain-handle-server.ts'

const limitPerSecond = 400

test('the capacity of a server that is not ours is found where it begins to be slow', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'erji-capacity-'))
  const server = await startPlainHandleServer({ delayMsOf: slowBeyond(limitPerSecond) })
  const context = { command: ['capacity'], signal: new AbortController().signal, stream: process.stderr }
  const target = server.url
  try {
    const load = { target, identifiers: '500', out: directory, concurrency: '8', batch: '1' }
    expect(await runLoad(loadFlags.parse(load), context)).toBe(0)
    const code = await runCapacity(
      capacityFlags.parse({
        target,
        identifiers: '500',
        preset: 'smart-city',
        objective: 'p90<15ms,errors<1%',
        start: '100',
        precision: '0.2',
        searches: '1',
        duration: '1s',
        warmUp: '100ms',
        schedule: 'constant',
        sizing: true,
        out: directory,
      }),
      context,
    )
    const file = (await readdir(directory)).find((name) => name.endsWith('-capacity.json')) ?? ''
    const result: CapacityResult = JSON.parse(await readFile(join(directory, file), 'utf8'))
    expect([code, result.capacityPerSecond]).toEqual([0, expect.any(Number)])
    expect(result.capacityPerSecond).toBeGreaterThan(limitPerSecond * 0.5)
    expect(result.capacityPerSecond).toBeLessThan(limitPerSecond * 1.3)
    const missed = result.curve.filter(({ met }) => !met)
    expect(missed.length).toBeGreaterThan(0)
    expect(missed[0]?.reasons.join()).toContain('p90<15ms was not met')
    expect(result.sizing?.basis.join('\n')).toContain('EXTRAPOLATED')
  } finally {
    await server.close()
    await rm(directory, { recursive: true })
  }
}, 120_000)

/** Every request waits once more than the limit came within the last quarter of a second. */
function slowBeyond(perSecond: number): () => number {
  const arrivals: number[] = []
  return () => {
    const nowMs = performance.now()
    arrivals.push(nowMs)
    while ((arrivals[0] ?? nowMs) < nowMs - 250) arrivals.shift()
    return arrivals.length > perSecond / 4 ? 40 : 0
  }
}
