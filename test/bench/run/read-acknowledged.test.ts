import { afterEach, expect, test } from 'vitest'
import type { DrivenPhase } from '../../../bench/report/report.ts'
import { readAcknowledged, withReadBack } from '../../../bench/run/read-acknowledged.ts'
import { openHandleHttpTarget } from '../../../bench/target/handle-http.ts'
import { createRecordGenerator } from '../../../bench/workload/record-generator.ts'
import { systemClock } from '../../../src/support/clock.ts'
import { exampleReport } from '../../support/example-report.ts'
import { type PlainServerOptions, startPlainHandleServer } from '../../support/plain-handle-server.ts'

const generator = createRecordGenerator({ seed: 42, prefix: '88.118' })
const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const never = new AbortController().signal
const phase = exampleReport().phases.find(({ kind }) => kind === 'open-loop') as DrivenPhase

test('what the server answers as absent or otherwise is lost, what it has is not', async () => {
  const { target, states } = await loaded(300, { wrongFor: (handle) => handle === generator.handleOf(7) })
  const beyond = { ordinal: 300, revision: 0 }
  expect(await readAcknowledged({ target, signal: never }, [...states, beyond])).toEqual({
    checked: 301,
    lost: 2,
    unread: 0,
  })
})

test('a server that is busy or cuts off now and then is asked again, and nothing is lost by that', async () => {
  const { target, states } = await loaded(300, {
    busyAt: (request) => request < 350 && request % 5 === 4,
    resetAt: (request) => request < 350 && request % 7 === 6,
  })
  const readBack = await readAcknowledged({ target, signal: never }, states)
  expect(readBack).toEqual({ checked: 300, lost: 0, unread: 0 })
  expect(withReadBack(phase, readBack)).toEqual({ ...phase, acknowledged: readBack })
})

test('where nothing is answered nothing was checked and nothing lost, and the phase is void', async () => {
  const { target, states } = await loaded(100, { busyAt: () => true })
  const readBack = await readAcknowledged({ target, signal: never }, states)
  expect(readBack).toEqual({ checked: 0, lost: 0, unread: 100 })
  expect(withReadBack(phase, readBack)).toMatchObject({
    valid: false,
    invalidBecause: [expect.stringContaining('100 of 100 acknowledged writes could not be read again')],
  })
})

test('an abort in the middle counts what was read until then, and takes nothing for lost', async () => {
  const interrupted = new AbortController()
  const { target, states } = await loaded(1000, {
    busyAt: (request) => {
      if (request === 200) interrupted.abort()
      return false
    },
  })
  const { checked, lost, unread = 0 } = await readAcknowledged({ target, signal: interrupted.signal }, states)
  expect(checked).toBeGreaterThan(100)
  expect(checked).toBeLessThanOrEqual(200)
  expect({ lost, unread }).toEqual({ lost: 0, unread: 1000 - checked })
})

test('aborted before it begins, it reads nothing', async () => {
  const { target, states } = await loaded(10)
  expect(await readAcknowledged({ target, signal: AbortSignal.abort() }, states)).toEqual({
    checked: 0,
    lost: 0,
    unread: 10,
  })
})

/** A server that holds so many records, misbehaving as it is told to. */
async function loaded(identifiers: number, misbehaviour: PlainServerOptions = {}) {
  const server = await startPlainHandleServer(misbehaviour)
  closers.push(() => server.close())
  const states = Array.from({ length: identifiers }, (_, ordinal) => ({ ordinal, revision: 0 }))
  for (const { ordinal } of states) {
    const { handle, valuesJson } = generator.recordOf(ordinal, 0)
    server.records.set(handle, JSON.parse(valuesJson))
  }
  const target = await openHandleHttpTarget({
    url: server.url,
    connections: 16,
    timeoutSeconds: 10,
    generator,
    clock: systemClock,
  })
  closers.push(() => target.close())
  return { target, states }
}
