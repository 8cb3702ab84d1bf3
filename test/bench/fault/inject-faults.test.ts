import { expect, test } from 'vitest'
import { type Breakable, injectFaults } from '../../../bench/fault/inject-faults.ts'
import { parseFault } from '../../../bench/fault/parse-faults.ts'
import { systemClock } from '../../../src/support/clock.ts'

const never = new AbortController().signal

test('a fault begins at its own time while another one lasts', async () => {
  // The disk is slow until the kill comes: were they to follow each other, neither would end.
  const killed = Promise.withResolvers<void>()
  const node = breakable({
    slowDisk: () => killed.promise,
    killAndRestart: async () => killed.resolve(),
  })
  const injected = await inject(['kill@10ms', 'slow-disk@0s:5s'], { node })
  const [kill, slow] = injected.toSorted((left, right) => left.kind.localeCompare(right.kind))
  expect([kill?.kind, slow?.kind]).toEqual(['kill', 'slow-disk'])
  expect(slow?.untilSeconds).toBeGreaterThan(kill?.fromSeconds ?? Number.POSITIVE_INFINITY)
})

test('what needs a process waits until a killed one runs again', async () => {
  const events: string[] = []
  const died = Promise.withResolvers<void>()
  const node = breakable({
    killAndRestart: async () => {
      await died.promise
      events.push('restarted')
    },
    moveClock: async () => died.resolve(),
    pause: async () => void events.push('stopped'),
  })
  await inject(['kill@0s', 'stop@1ms:2s', 'clock-back@20ms:1h'], { node })
  expect(events).toEqual(['restarted', 'stopped'])
})

test('an abort ends what lasts, at once, and nothing else begins', async () => {
  const interrupted = new AbortController()
  let lasting = 0
  const untilAborted = ({ signal }: { readonly signal: AbortSignal }): Promise<void> => {
    const ended = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    lasting += 1
    if (lasting === 2) interrupted.abort()
    return ended
  }
  const node = breakable({ pause: untilAborted, slowDisk: untilAborted })
  const injected = await inject(['stop@0s:1h', 'kill@2h', 'slow-disk@0s:1h'], {
    node,
    signal: interrupted.signal,
  })
  expect(injected.map(({ kind }) => kind).toSorted()).toEqual(['slow-disk', 'stop'])
})

test('a fault that fails ends the others and is told', async () => {
  const ended: string[] = []
  const node = breakable({
    killAndRestart: () => Promise.reject(new Error('did not start again')),
    fillDisk: ({ signal }) =>
      new Promise((resolve) =>
        signal.addEventListener('abort', () => {
          ended.push('full-disk')
          resolve()
        }),
      ),
  })
  await expect(inject(['full-disk@0s:1h', 'kill@1ms', 'worker-death@1h'], { node })).rejects.toThrow(
    'did not start again',
  )
  expect(ended).toEqual(['full-disk'])
})

function inject(
  texts: readonly string[],
  { node, signal = never }: { readonly node: Breakable; readonly signal?: AbortSignal },
) {
  return injectFaults(texts.map(parseFault), { node, clock: systemClock, signal })
}

/** A node of which only some faults are expected. */
function breakable(expected: Partial<Breakable>): Breakable {
  const unexpected = () => Promise.reject(new Error('not expected'))
  return {
    // Nobody listens on the discard port: connections are refused.
    url: 'http://127.0.0.1:9',
    killAndRestart: unexpected,
    pause: unexpected,
    fillDisk: unexpected,
    slowDisk: unexpected,
    killWorker: unexpected,
    moveClock: unexpected,
    ...expected,
  }
}
