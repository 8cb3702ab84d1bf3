import { expect, test } from 'vitest'
import { openSession, type SessionOptions } from '../../../bench/run/session.ts'
import { drawnAnew } from '../../../bench/run/steps.ts'
import { startPlainHandleServer } from '../../support/plain-handle-server.ts'

const mix = { kind: 'mix', preset: 'ycsb-c', identifiers: 10, registrationBase: 10 } as const
const trace = { kind: 'trace', file: 'web07', base: 2 ** 39 } as const

test('each phase of a session draws anew, and a trace is asked in its own order each time', async () => {
  const server = await startPlainHandleServer()
  const opening: SessionOptions = {
    url: server.url,
    credentials: undefined,
    records: { seed: 42, prefix: '88.118' },
    seed: 42,
    signal: new AbortController().signal,
    stream: process.stderr,
  }
  const [session, later] = [await openSession(opening), await openSession(opening)]
  try {
    // What a step spreads of its session still counts on.
    const phases = [session, { ...session }, session].map((given) => drawnAnew(mix, given))
    expect(phases).toEqual([0, 1, 2].map((phase) => ({ ...mix, phase })))
    expect(drawnAnew(trace, session)).toBe(trace)
    expect(drawnAnew(mix, later)).toEqual({ ...mix, phase: 0 })
  } finally {
    await session.target.close()
    await later.target.close()
    await server.close()
  }
})
