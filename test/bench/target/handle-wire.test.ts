import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHandleWireTarget } from '../../../bench/target/handle-wire.ts'
import { targetNameOf } from '../../../bench/target/index.ts'
import type { Target } from '../../../bench/target/target.ts'
import { type OperationKind, operationKinds } from '../../../bench/workload/operation.ts'
import { createRecordGenerator } from '../../../bench/workload/record-generator.ts'
import { systemClock } from '../../../src/support/clock.ts'
import { startWireNode, textValue, type WireNode } from '../../support/wire-node.ts'

const generator = createRecordGenerator({ seed: 42, prefix: '88.1000' })
const signal = new AbortController().signal
/** The revision that each kind of write leads to, so that they can follow each other on one identifier. */
const revisions: Partial<Record<OperationKind, number>> = {
  'value-put': 2,
  'value-delete': 3,
  'value-add': 4,
}

let node: WireNode
beforeAll(async () => {
  node = await startWireNode()
})
afterAll(() => node[Symbol.asyncDispose]())

describe.each(['tcp', 'udp'] as const)('a node over hdl+%s', (transport) => {
  /** Of one transport only, so that each loads its own. */
  const first = transport === 'tcp' ? 0 : 100
  let target: Target
  beforeAll(async () => {
    target = await open(`hdl+${transport}://127.0.0.1:${node.port}`)
  })
  afterAll(() => target.close())

  test('a load is registered record by record, and one that is there already is told as identical', async () => {
    expect(await target.registerRange(first, first + 40, signal)).toEqual({
      created: 40,
      identical: 0,
      failed: 0,
    })
    expect(await target.registerRange(first + 20, first + 60, signal)).toEqual({
      created: 20,
      identical: 20,
      failed: 0,
    })
  })

  test('each kind of operation is understood and its answer verified', async () => {
    for (const kind of operationKinds) {
      const ordinal = first + (kind === 'register' ? 1000 : kind === 'bulk' ? 1300 : 7)
      const batch = { items: 12, stride: 2 }
      const operation = { kind, ordinal, revision: revisions[kind] ?? 0 }
      const result = await target.perform(kind === 'bulk' ? { ...operation, batch } : operation, signal)
      expect({ kind, ...result }).toEqual({ kind, outcome: 'ok' })
    }
  })

  test('another record, an older one, one that is missing and one that should be are wrong answers', async () => {
    const forged = generator.handleOf(first + 3)
    await node.node.registrar.register(
      { handle: handleOf(forged), values: [textValue(1, 'URL', 'http://forged')] },
      { identity: identity(), overwrite: true },
    )
    const other = await target.perform({ kind: 'resolve', ordinal: first + 3, revision: 0 }, signal)
    expect(other.outcome).toBe('wrong')
    expect(other.detail).toContain(forged)
    const older = await target.perform({ kind: 'resolve', ordinal: first + 4, revision: 2 }, signal)
    expect(older.outcome).toBe('wrong')
    const missing = await target.perform({ kind: 'resolve', ordinal: first + 9000, revision: 0 }, signal)
    expect(missing.outcome).toBe('wrong')
    await node.store(generator.absentHandleOf(first + 1), [textValue(1, 'URL', 'x')])
    const present = await target.perform({ kind: 'absent', ordinal: first + 1, revision: 0 }, signal)
    expect(present.outcome).toBe('wrong')
  })

  test('a write without the right secret is refused, not wrong', async () => {
    const stranger = await open(`hdl+${transport}://127.0.0.1:${node.port}`, 'guess')
    const result = await stranger.perform({ kind: 'register', ordinal: first + 2000, revision: 0 }, signal)
    expect(result.outcome).toBe('refused')
    await stranger.close()
  })

  test('what was asked is counted', async () => {
    expect(target.transport?.()).toMatchObject({ unanswered: 0 })
    expect(target.transport?.().requests).toBeGreaterThan(100)
    expect(await target.describe(signal)).toMatchObject({ server: 'erji' })
  })

  test('a server that is not there is said to be unreachable', async () => {
    await expect(open(`hdl+${transport}://127.0.0.1:1`)).rejects.toMatchObject({ code: 'UNREACHABLE' })
  })
})

test('the address tells the kind of target', () => {
  expect(['http://a:1', 'https://a:1', 'hdl+tcp://a:1', 'hdl+udp://[::1]:1'].map(targetNameOf)).toEqual([
    'handle-http',
    'handle-http',
    'handle-wire',
    'handle-wire',
  ])
})

function open(url: string, secret = node.administrator.secret.toString()): Promise<Target> {
  const credentials = { user: '300:88.1000/ADMIN', secret }
  return openHandleWireTarget({
    url,
    connections: 4,
    timeoutSeconds: 20,
    credentials,
    generator,
    clock: systemClock,
  })
}

function handleOf(text: string) {
  return { text, key: text.toUpperCase(), prefix: '88.1000' }
}

function identity() {
  return { handle: handleOf('88.1000/ADMIN'), index: 300 }
}
