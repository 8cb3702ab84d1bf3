import { afterEach, describe, expect, test } from 'vitest'
import { openHandleHttpTarget } from '../../../bench/target/handle-http.ts'
import type { Target } from '../../../bench/target/target.ts'
import { type OperationKind, operationKinds } from '../../../bench/workload/operation.ts'
import { createRecordGenerator } from '../../../bench/workload/record-generator.ts'
import { systemClock } from '../../../src/support/clock.ts'
import {
  type PlainServer,
  type PlainServerOptions,
  startPlainHandleServer,
} from '../../support/plain-handle-server.ts'

const generator = createRecordGenerator({ seed: 42, prefix: '88.118' })
const signal = new AbortController().signal
const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** The revision that each kind of write leads to, so that they can follow each other on one identifier. */
const revisions: Partial<Record<OperationKind, number>> = {
  'value-put': 2,
  'value-delete': 3,
  'value-add': 4,
}

describe('against a plain server', () => {
  test('each kind of operation is understood and its answer verified', async () => {
    const { target } = await open()
    await target.registerRange(0, 40, signal)
    for (const kind of operationKinds) {
      const ordinal = kind === 'register' ? 1000 : kind === 'bulk' ? 1100 : 7
      const batch = { items: 12, stride: 2 }
      const operation = { kind, ordinal, revision: revisions[kind] ?? 0 }
      const result = await target.perform(kind === 'bulk' ? { ...operation, batch } : operation, signal)
      expect({ kind, ...result }).toEqual({ kind, outcome: 'ok' })
    }
    expect(await target.perform({ kind: 'resolve', ordinal: 8, revision: 0 }, signal)).toEqual({
      outcome: 'ok',
    })
  })

  test('a value that is there already is not added again, and a batch tells the first identifier that is there', async () => {
    const { target, server } = await open()
    await target.registerRange(0, 3, signal)
    const added = await target.perform({ kind: 'value-add', ordinal: 0, revision: 2 }, signal)
    expect(added.outcome).toBe('refused')
    expect(await target.perform({ kind: 'resolve', ordinal: 0, revision: 0 }, signal)).toEqual({
      outcome: 'ok',
    })
    const batch = { items: 4, stride: 2 }
    const bulk = await target.perform({ kind: 'bulk', ordinal: 2, revision: 0, batch }, signal)
    expect(bulk.outcome).toBe('refused')
    const fresh = await target.perform({ kind: 'bulk', ordinal: 100, revision: 0, batch }, signal)
    expect(fresh).toEqual({ outcome: 'ok' })
    for (const ordinal of [100, 102, 104, 106])
      expect(server.records.has(generator.handleOf(ordinal))).toBe(true)
  })

  test('handles with Chinese text, slashes and spaces arrive as they are', async () => {
    const { target, server } = await open()
    const chinese = firstOrdinal((handle) => /[\u4e00-\u9fff]/.test(handle))
    await target.registerRange(chinese, chinese + 1, signal)
    expect([...server.records.keys()]).toEqual([generator.handleOf(chinese)])
    expect(await target.perform({ kind: 'resolve', ordinal: chinese, revision: 0 }, signal)).toEqual({
      outcome: 'ok',
    })
  })

  test('a tampered answer is wrong, and the detail says which handle and shows the answer', async () => {
    const tampered = generator.handleOf(3)
    const { target } = await open({ wrongFor: (handle) => handle === tampered })
    await target.registerRange(0, 5, signal)
    const result = await target.perform({ kind: 'resolve', ordinal: 3, revision: 0 }, signal)
    expect(result.outcome).toBe('wrong')
    expect(result.detail).toContain(tampered)
    expect((await target.perform({ kind: 'resolve', ordinal: 2, revision: 0 }, signal)).outcome).toBe('ok')
  })

  test('a registered handle that is not found, and an absent one that is, are wrong', async () => {
    const { target, server } = await open()
    expect((await target.perform({ kind: 'resolve', ordinal: 1, revision: 0 }, signal)).outcome).toBe('wrong')
    expect((await target.perform({ kind: 'delete', ordinal: 1, revision: 0 }, signal)).outcome).toBe('wrong')
    server.records.set(generator.absentHandleOf(1), [{ index: 1, type: 'URL', data: 'x' }])
    expect((await target.perform({ kind: 'absent', ordinal: 1, revision: 0 }, signal)).outcome).toBe('wrong')
  })

  test('a record of an older revision is a wrong answer', async () => {
    const { target } = await open()
    await target.registerRange(0, 1, signal)
    expect((await target.perform({ kind: 'resolve', ordinal: 0, revision: 2 }, signal)).outcome).toBe('wrong')
  })

  test('refused, busy, lost and late answers are told apart', async () => {
    const { target: anonymous } = await open({ credentials: '300%3A88.118%2FADMIN:secret' })
    expect((await anonymous.perform({ kind: 'register', ordinal: 1, revision: 0 }, signal)).outcome).toBe(
      'refused',
    )
    const { target: busy } = await open({ busyAt: (request) => request >= 2 })
    expect((await busy.perform({ kind: 'resolve', ordinal: 1, revision: 0 }, signal)).outcome).toBe('busy')
    const { target: reset } = await open({ resetAt: (request) => request >= 2 })
    expect((await reset.perform({ kind: 'resolve', ordinal: 1, revision: 0 }, signal)).outcome).toBe('error')
    const { target: slow } = await open(
      { delayMsOf: (request) => (request >= 2 ? 5000 : 0) },
      { timeoutSeconds: 0.2 },
    )
    const late = await slow.perform({ kind: 'resolve', ordinal: 1, revision: 0 }, signal)
    expect(late).toMatchObject({ outcome: 'timeout', detail: expect.stringContaining('0.2 s') })
  })

  test('a request that waits for a free connection times out as well', async () => {
    const { target } = await open(
      { delayMsOf: (request) => (request >= 2 ? 5000 : 0) },
      { timeoutSeconds: 0.2, connections: 1 },
    )
    const results = await Promise.all(
      [1, 2, 3].map((ordinal) => target.perform({ kind: 'resolve', ordinal, revision: 0 }, signal)),
    )
    expect(results.map(({ outcome }) => outcome)).toEqual(['timeout', 'timeout', 'timeout'])
  })

  test('an existing handle refuses to be registered again', async () => {
    const { target } = await open()
    await target.registerRange(0, 1, signal)
    expect((await target.perform({ kind: 'register', ordinal: 0, revision: 0 }, signal)).outcome).toBe(
      'refused',
    )
  })

  test('writes carry the credentials', async () => {
    const { target } = await open(
      { credentials: '300%3A88.118%2FADMIN:se:cret' },
      {
        credentials: { user: '300:88.118/ADMIN', secret: 'se:cret' },
      },
    )
    expect((await target.perform({ kind: 'register', ordinal: 1, revision: 0 }, signal)).outcome).toBe('ok')
  })

  test('redirects within the server are followed', async () => {
    const { target } = await open({ redirects: true })
    await target.registerRange(0, 2, signal)
    expect(await target.perform({ kind: 'resolve', ordinal: 1, revision: 0 }, signal)).toEqual({
      outcome: 'ok',
    })
  })

  test('an abort ends what is under way', async () => {
    const { target } = await open({ delayMsOf: (request) => (request >= 2 ? 5000 : 0) })
    const stop = new AbortController()
    const pending = target.perform({ kind: 'resolve', ordinal: 1, revision: 0 }, stop.signal)
    stop.abort()
    expect(await pending).toMatchObject({ outcome: 'error' })
  })

  test('registering a range twice finds it identical, and finds what was changed', async () => {
    const { target, server } = await open()
    expect(await target.registerRange(0, 20, signal)).toEqual({ created: 20, identical: 0, failed: 0 })
    expect(await target.registerRange(0, 20, signal)).toEqual({ created: 0, identical: 20, failed: 0 })
    server.records.set(generator.handleOf(4).toUpperCase(), [])
    expect(await target.registerRange(0, 20, signal)).toMatchObject({
      identical: 19,
      failed: 1,
      firstFailure: expect.any(String),
    })
  })

  test('says that it has neither bulk registration nor statistics', async () => {
    const { target } = await open()
    expect(target.capabilities).toEqual({ bulkRegistration: false, statistics: false })
    expect(await target.statistics(signal)).toBeUndefined()
  })
})

test('an address where nobody listens is named in the error', async () => {
  const server = await startPlainHandleServer()
  await server.close()
  const opening = openHandleHttpTarget({
    url: server.url,
    connections: 1,
    timeoutSeconds: 1,
    generator,
    clock: systemClock,
  })
  await expect(opening).rejects.toThrow(server.url)
  await expect(opening).rejects.toMatchObject({ code: 'UNREACHABLE' })
})

type TargetSettings = {
  timeoutSeconds?: number
  connections?: number
  credentials?: { user: string; secret: string }
}

async function open(
  options: PlainServerOptions = {},
  settings: TargetSettings = {},
): Promise<{ target: Target; server: PlainServer }> {
  const server = await startPlainHandleServer(options)
  closers.push(() => server.close())
  const target = await openHandleHttpTarget({
    url: server.url,
    connections: 4,
    timeoutSeconds: 5,
    generator,
    clock: systemClock,
    ...settings,
  })
  closers.push(() => target.close())
  return { target, server }
}

function firstOrdinal(matches: (handle: string) => boolean): number {
  let ordinal = 0
  while (!matches(generator.handleOf(ordinal))) ordinal += 1
  return ordinal
}
