import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { CapacityResult } from '../../bench/capacity/capacity-result.ts'
import { runCapacity } from '../../bench/commands/capacity.ts'
import { capacityFlags } from '../../bench/commands/capacity-options.ts'
import { runLoad } from '../../bench/commands/load.ts'
import { loadFlags } from '../../bench/commands/run-options.ts'
import { type PlainServerOptions, startPlainHandleServer } from '../support/plain-handle-server.ts'

const limitPerSecond = 400
const quick = {
  identifiers: '50',
  preset: 'ycsb-c',
  objective: 'p99<5s',
  start: '50',
  maximum: '100',
  duration: '1s',
  warmUp: '0s',
  schedule: 'constant',
  skipCalibration: true,
  settle: '0s',
}

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
        preset: 'ycsb-b',
        objective: 'p90<15ms,errors<1%',
        start: '100',
        precision: '0.2',
        searches: '1',
        duration: '1s',
        warmUp: '100ms',
        settle: '1s',
        schedule: 'constant',
        sizing: true,
        skipCalibration: true,
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
    const page = await readFile(join(directory, file.replace(/json$/, 'html')), 'utf8')
    for (const line of ['For 500,000,000 identifiers', 'disk a node: ', 'cache a node: '])
      expect(page).toContain(line)
  } finally {
    await server.close()
    await rm(directory, { recursive: true })
  }
}, 120_000)

test('a target that goes away ends the search: what was measured is kept, with the reason', async () => {
  await using place = await open()
  const { code, result, told } = await place.capacity(quick, {
    whenTold: (text) => /^search 1: 50\/s: /.test(text) && place.close(),
  })
  expect(code).toBe(1)
  expect(result.target.url).toBe(place.url)
  expect(result.searches).toMatchObject([
    {
      limitedBy: 'target',
      trials: [{ offeredPerSecond: 50 }],
      brokenBecause: expect.stringMatching(/^at \d+\/s: /),
    },
  ])
  expect(told).toContain('a trial could not be finished')
}, 60_000)

test('Ctrl-C as a trial begins keeps the trials before it, and says that it was interrupted', async () => {
  await using place = await open()
  const stop = new AbortController()
  const { code, result, told } = await place.capacity(quick, {
    signal: stop.signal,
    // Any trial but the first.
    whenTold: (text, before) => / …/.test(text) && before.includes('search 1:') && stop.abort(),
  })
  expect(code).toBe(3)
  expect(result.capacityPerSecond).toBeUndefined()
  expect(result.searches).toMatchObject([{ limitedBy: 'interrupted', trials: [{ offeredPerSecond: 50 }] }])
  expect(result.searches[0]?.brokenBecause).toBeUndefined()
  expect(told).toContain('Interrupted before any rate was confirmed that meets p99<5s.')
}, 60_000)

test('wrong answers end the search and fail it, and the trials before them are kept', async () => {
  let wrong = false
  await using place = await open({ wrongFor: () => wrong })
  const { code, result } = await place.capacity(quick, {
    whenTold: (text) => {
      wrong ||= text.startsWith('search 1:')
    },
  })
  expect(code).toBe(1)
  expect(result.searches).toMatchObject([{ limitedBy: 'target', trials: [{ offeredPerSecond: 50 }] }])
  expect(result.searches[0]?.wrongAnswers).toBeGreaterThan(0)
  expect(result.searches[0]?.brokenBecause).toMatch(/wrong answers at \d+\/s, such as: /)
}, 60_000)

test('what was wrong while the target settled fails it before any search', async () => {
  let wrong = false
  await using place = await open({ wrongFor: () => wrong })
  const { code, result, told } = await place.capacity(
    { ...quick, settle: '1s' },
    {
      whenTold: (text) => {
        wrong ||= text.startsWith('settling at 100/s for 1 s')
      },
    },
  )
  expect(code).toBe(1)
  expect(result.searches).toMatchObject([{ limitedBy: 'target', trials: [] }])
  expect(result.searches[0]?.wrongAnswers).toBeGreaterThan(0)
  expect(told).toMatch(/wrong answers at 100\/s, such as: /)
}, 60_000)

test('a rate of which more than a hundredth is not served is not met, whatever the objective says', async () => {
  let loaded = false
  await using place = await open({ busyAt: (request) => loaded && request % 20 === 0 })
  loaded = true
  const { code, result } = await place.capacity({ ...quick, start: '100', trialsMax: '2' })
  expect(code).toBe(1)
  expect(result.searches[0]?.trials.map(({ met }) => met)).not.toContain(true)
  expect(result.searches[0]?.trials[0]?.reasons.join()).toContain('arrivals were not served')
}, 60_000)

test('the generator is measured by itself at the rate found, and what the caches of clients answer is told', async () => {
  await using place = await open()
  const { result, told } = await place.capacity({
    ...{ ...quick, skipCalibration: false, clientCache: '100', searches: '1' },
    ...{ start: '60', maximum: '60', trialsMax: '2' },
  })
  expect(result.calibration?.floorPerSecond).toBe(60)
  expect(told).toContain('the generator alone, against an echo server at 60/s: p50 ')
  expect(result.curve.every(({ latenessP99Ns = 0 }) => latenessP99Ns > 0)).toBe(true)
  // A generator that was late leaves no valid trial, and so no point.
  if (result.curve.length === 0) return
  expect(result.curve[0]?.clientCacheShare).toBeGreaterThan(0)
  expect(told).toMatch(/at 60\/s the clients' caches answered [\d.]+ % of the operations/)
}, 60_000)

test('a trial measures whole cycles of a preset whose mix changes, and says so', async () => {
  await using place = await open()
  let shown = ''
  const { result } = await place.capacity(
    { ...quick, preset: 'smart-city', start: '20', maximum: '20', trialsMax: '1', searches: '1' },
    { whenTold: (text) => (shown += text) },
  )
  expect(shown).toContain('a trial measures 5 s rather than 1: whole cycles of smart-city')
  expect(shown).toContain('/100 operations')
  expect(result.config).toMatchObject({ duration: 1, trialSeconds: 5 })
}, 60_000)

type Given = Readonly<Record<string, string | boolean>>
type Watched = {
  readonly signal?: AbortSignal
  /** Handed what is told as the search goes on, and what was told before it. */
  readonly whenTold?: (text: string, before: string) => unknown
}

/** A loaded server, and searches for its capacity. */
async function open(options: PlainServerOptions = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'erji-capacity-'))
  const server = await startPlainHandleServer(options)
  let closing: Promise<void> | undefined
  const close = () => (closing ??= server.close())
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const never = new AbortController().signal
  const contextOf = ({ signal = never, whenTold }: Watched) => {
    let told = ''
    const write = (text: string): boolean => {
      whenTold?.(text, told)
      told += text
      return true
    }
    const stream = { isTTY: false, write } as unknown as NodeJS.WriteStream
    return { command: ['capacity'], signal, stream }
  }
  const out = directory
  const load = { target: server.url, identifiers: '50', out, batch: '1', sample: '0' }
  expect(await runLoad(loadFlags.parse(load), contextOf({}))).toBe(0)
  return {
    url: server.url,
    close,
    async capacity(given: Given, watched: Watched = {}) {
      const flags = capacityFlags.parse({ target: server.url, out, searches: '2', ...given })
      const code = await runCapacity(flags, contextOf(watched))
      const files = await readdir(directory)
      const read = (ending: string) =>
        readFile(join(directory, files.find((name) => name.endsWith(ending)) ?? ''), 'utf8')
      const result: CapacityResult = JSON.parse(await read('-capacity.json'))
      return { code, result, told: await read('-capacity.md') }
    },
    async [Symbol.asyncDispose]() {
      vi.restoreAllMocks()
      await close()
      await rm(directory, { recursive: true })
    },
  }
}

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
