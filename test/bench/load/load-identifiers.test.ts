import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { Progress } from '../../../bench/cli/progress.ts'
import { type LoadOptions, loadIdentifiers } from '../../../bench/load/load-identifiers.ts'
import { openLoadState } from '../../../bench/load/load-state.ts'
import { readBack } from '../../../bench/load/read-back.ts'
import { openHandleHttpTarget } from '../../../bench/target/handle-http.ts'
import type { Target } from '../../../bench/target/target.ts'
import { createRecordGenerator } from '../../../bench/workload/record-generator.ts'
import { systemClock } from '../../../src/support/clock.ts'
import { createPrng } from '../../../src/support/prng.ts'
import { type PlainServerOptions, startPlainHandleServer } from '../../support/plain-handle-server.ts'

const generator = createRecordGenerator({ seed: 42, prefix: '88.118' })
const quiet: Progress = { update: () => undefined, stop: () => undefined }
const directory = mkdtempSync(join(tmpdir(), 'erji-load-test-'))
const closers: (() => Promise<void>)[] = [async () => rmSync(directory, { recursive: true })]

afterEach(async () => {
  for (const close of closers.splice(1).reverse()) await close()
  rmSync(directory, { recursive: true, force: true })
})

test('every identifier is registered and a sample read back', async () => {
  const { server, load } = await open()
  const { phase, firstFailure, firstWrong } = await load({ identifiers: 500, batch: 30 })
  expect(server.records.size).toBe(500)
  expect(phase).toMatchObject({
    created: 500,
    identical: 0,
    failed: 0,
    sampled: 50,
    sampledWrong: 0,
    valid: true,
  })
  expect(phase.batchServiceTime.count).toBe(Math.ceil(500 / 30))
  expect([firstFailure, firstWrong]).toEqual([undefined, undefined])
})

test('reading back that is interrupted finds nothing wrong, nor does a server that does not answer', async () => {
  const stop = new AbortController()
  let asked = 0
  const perform = async () => {
    asked++
    if (asked === 20) stop.abort()
    return { outcome: 'error', detail: 'not answered' } as const
  }
  const target = { perform } as unknown as Target
  const back = await readBack({ target, first: 0, seed: 42, signal: stop.signal }, { below: 100, count: 100 })
  expect(back).toMatchObject({ sampled: 0, wrong: 0, firstWrong: undefined })
  // What was under way when it was interrupted says nothing.
  expect(back.unread).toBeLessThan(19)
})

test('loading again finds everything identical', async () => {
  const { server, load } = await open()
  await load({ identifiers: 200 })
  const { phase } = await load({ identifiers: 200 })
  expect(phase).toMatchObject({ created: 0, identical: 200, failed: 0, sampledWrong: 0 })
  expect(server.records.size).toBe(200)
})

test('a busy server and lost connections delay a load, they do not change it', async () => {
  const { server, load } = await open({
    busyAt: (request) => request < 100 && request % 17 === 5,
    resetAt: (request) => request < 100 && request % 23 === 7,
    retryAfterSeconds: 0,
  })
  const { phase } = await load({ identifiers: 60, batch: 5, sample: 0 })
  expect(server.records.size).toBe(60)
  expect(phase).toMatchObject({ created: 60, identical: 0, failed: 0 })
})

test('one by one, a fifth of the answers being 503, each is asked again by itself and counted once', async () => {
  // Drawn: clients that wait alike could ask at every fifth place again and again. Two requests of opening the target come first.
  const prng = createPrng(42)
  const { server, load } = await open({
    busyAt: (request) => request >= 2 && prng.nextDouble() < 0.2,
    retryAfterSeconds: 0,
  })
  const first = await load({ identifiers: 200, batch: 200, sample: 0 })
  expect(first.phase).toMatchObject({ created: 200, identical: 0, failed: 0, valid: true })
  const asked = server.requests()
  expect(asked).toBeLessThan(2 * 200)
  const again = await load({ identifiers: 200, batch: 200, sample: 0 })
  expect(again.phase).toMatchObject({ created: 0, identical: 200, failed: 0, valid: true })
})

test('a registration whose answer was lost after it took effect counts as created', async () => {
  const { server, load } = await open({ loseAt: (request) => request >= 2 && request % 5 === 0 })
  const { phase } = await load({ identifiers: 40, sample: 0 })
  expect(server.records.size).toBe(40)
  expect(phase).toMatchObject({ created: 40, identical: 0, failed: 0 })
})

test('a server that stays busy ends the load with an error that names the identifiers', async () => {
  const { server, load } = await open({ busyAt: (request) => request >= 2, retryAfterSeconds: 0 })
  await expect(load({ identifiers: 10 })).rejects.toThrow(
    /identifiers 0 to 10 could not be registered in 9 attempts/,
  )
  // Each of ten at most nine times: what was tried so often is not tried again with its range.
  expect(server.requests()).toBeLessThanOrEqual(2 + 10 * 9)
})

test('an interruption while the server is busy ends the waiting, and no more is asked than was under way', async () => {
  const stop = new AbortController()
  const { server, load } = await open({
    busyAt: (request) => {
      if (request === 20) stop.abort()
      return request >= 12
    },
    retryAfterSeconds: 0,
  })
  const { phase } = await load({ identifiers: 1000, batch: 1000, signal: stop.signal })
  expect(phase.valid).toBe(false)
  expect(phase.invalidBecause.join()).toMatch(/interrupted after \d+ of 1000 identifiers/)
  // Two ranges of eight at a time.
  expect(server.requests()).toBeLessThan(20 + 2 * 8 + 2)
})

test('an interruption waits for no more than fifty identifiers where they are registered one by one', async () => {
  const stop = new AbortController()
  const { server, load } = await open({
    busyAt: (request) => {
      if (request === 20) stop.abort()
      return false
    },
  })
  const { phase } = await load({ identifiers: 4000, batch: 2000, signal: stop.signal, sample: 0 })
  expect(phase.valid).toBe(false)
  expect(server.records.size).toBeLessThanOrEqual(100)
  expect(phase.created).toBe(server.records.size)
})

test('refused credentials end the load at once', async () => {
  const { server, load } = await open({ credentials: 'somebody:else' })
  await expect(load({ identifiers: 10 })).rejects.toThrow('answered 401')
  expect(server.requests()).toBeLessThan(20)
})

test('an interrupted load says so, and the next one goes on where it stopped', async () => {
  const { server, load, state } = await open()
  const stop = new AbortController()
  const progress = { ...quiet, update: (done: number) => done >= 100 && stop.abort() }
  const { phase } = await load({ identifiers: 400, batch: 20, state, signal: stop.signal, progress })
  expect(phase.valid).toBe(false)
  expect(phase.invalidBecause.join()).toContain('of 400 identifiers')
  const reached = state.readCompleted()
  expect(reached).toBeGreaterThanOrEqual(100)
  expect(reached).toBeLessThan(400)

  const rest = await load({ identifiers: 400, batch: 20, state })
  expect(rest.phase.created).toBe(400 - reached)
  expect(server.records.size).toBe(400)
  expect(state.readCompleted()).toBe(400)
})

test('a state that tells of identifiers which are not there is not believed', async () => {
  const { server, load, state } = await open()
  state.writeCompleted(150)
  const { phase } = await load({ identifiers: 200, state })
  expect(phase.created).toBe(200)
  expect(server.records.size).toBe(200)
})

test('a file that is no state is an error that says what to do', async () => {
  const { load, state } = await open()
  state.writeCompleted(1)
  writeFileSync(state.file, 'nonsense')
  await expect(load({ identifiers: 10, state })).rejects.toThrow('remove it')
})

test('a load can start anywhere, and reads back only what it loaded', async () => {
  const { server, load } = await open()
  const { phase } = await load({ first: 2 ** 39, identifiers: 25 })
  expect(phase).toMatchObject({ created: 25, sampledWrong: 0 })
  expect(server.records.has(generator.handleOf(2 ** 39 + 24))).toBe(true)
})

test('an identifier that reads back otherwise than it was registered is found', async () => {
  const { load } = await open({ wrongFor: () => true })
  const { phase, firstWrong } = await load({ identifiers: 20, sample: 10 })
  expect(phase).toMatchObject({ sampled: 10, sampledWrong: 10 })
  expect(firstWrong).toContain('wrong')
})

async function open(options: PlainServerOptions = {}) {
  const server = await startPlainHandleServer(options)
  closers.push(() => server.close())
  const clock = systemClock
  const target = await openHandleHttpTarget({
    url: server.url,
    connections: 8,
    timeoutSeconds: 5,
    generator,
    clock,
  })
  closers.push(() => target.close())
  const load = (given: Partial<LoadOptions> & { readonly identifiers: number }) =>
    loadIdentifiers({
      target,
      generator,
      name: 'load',
      first: 0,
      batch: 50,
      concurrency: 2,
      sample: 50,
      seed: 42,
      clock,
      progress: quiet,
      signal: new AbortController().signal,
      ...given,
    })
  const state = openLoadState(directory, { target: server.url, prefix: '88.118', seed: 42 })
  return { server, load, state }
}
