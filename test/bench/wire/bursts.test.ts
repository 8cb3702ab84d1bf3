import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHandleWireTarget } from '../../../bench/target/handle-wire.ts'
import { closedBurst } from '../../../bench/wire/closed-burst.ts'
import { pacedBurst } from '../../../bench/wire/paced-burst.ts'
import { learnQuestions, type Question } from '../../../bench/wire/questions.ts'
import { openTcpChannel, openUdpChannel } from '../../../bench/wire/raw-channels.ts'
import { createRecordGenerator } from '../../../bench/workload/record-generator.ts'
import { systemClock } from '../../../src/support/clock.ts'
import { startWireNode, type WireNode } from '../../support/wire-node.ts'

const handles = 50
const generator = createRecordGenerator({ seed: 7, prefix: '88.1000' })
let node: WireNode
let questions: readonly Question[]

beforeAll(async () => {
  node = await startWireNode()
  const target = await openHandleWireTarget({
    url: `hdl+tcp://127.0.0.1:${node.port}`,
    connections: 2,
    timeoutSeconds: 20,
    credentials: { user: '300:88.1000/ADMIN', secret: node.administrator.secret.toString() },
    generator,
    clock: systemClock,
  })
  await target.registerRange(0, handles, new AbortController().signal)
  await target.close()
  questions = await learnQuestions({ port: node.port, handles, generator, clock: systemClock })
})
afterAll(() => node[Symbol.asyncDispose]())

describe.each([
  ['tcp', openTcpChannel],
  ['udp', openUdpChannel],
] as const)('over %s', (_transport, open) => {
  test('a closed loop keeps its requests under way and finds every answer right', async () => {
    const burst = await closedBurst({ port: node.port, open, questions, channels: 3, depth: 8, seconds: 0.2 })
    expect(burst.requests).toBeGreaterThan(24)
    expect(burst.latency.count).toBe(burst.requests)
    expect(burst.unexpected).toBe(0)
  })

  test('an answer of other bytes than were learnt is counted as wrong', async () => {
    const changed = questions.map(({ request, answer }) => {
      const other = Buffer.from(answer)
      other.writeUInt8((other.at(-1) ?? 0) ^ 1, other.length - 1)
      return { request, answer: other }
    })
    const burst = await closedBurst({
      port: node.port,
      open,
      questions: changed,
      channels: 1,
      depth: 2,
      seconds: 0.05,
    })
    expect(burst.unexpected).toBe(burst.requests)
  })

  test('a paced run sends what is due, once, and tells what came', async () => {
    const asked = { port: node.port, open, questions, channels: 2, ratePerSecond: 500, seconds: 0.4 }
    expect(await pacedBurst(asked)).toMatchObject({ sent: 200, answered: 200, lost: 0, wrong: 0 })
  })
})

test('what a server drops is lost, not asked again', async () => {
  const server = createSocket('udp4')
  let received = 0
  server.on('message', (packet, from) => {
    received++
    if (received % 10 !== 0) server.send(packet, from.port, from.address)
  })
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  const result = await pacedBurst({
    port,
    open: openUdpChannel,
    questions,
    channels: 1,
    ratePerSecond: 500,
    seconds: 0.2,
  })
  server.close()
  // It sends requests back, which are no answers.
  expect(result).toMatchObject({ sent: 100, answered: 90, lost: 10, wrong: 90 })
  expect(received).toBe(100)
})
