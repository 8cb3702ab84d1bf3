import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { createPrng } from '../../src/support/prng.ts'
import { fuzzWire } from '../support/wire-fuzz/fuzz.ts'
import { mutate } from '../support/wire-fuzz/mutate.ts'
import { seedMessages } from '../support/wire-fuzz/seed-messages.ts'
import { requestBytes, resolution, sendBytes } from '../support/wire-messages.ts'
import { startWireNode, textValue } from '../support/wire-node.ts'

// A million of them: npm run fuzz:wire.
test('malformed messages crash nothing, hang nothing, change nothing and get answers that can be read', async () => {
  const result = await fuzzWire({ messages: 20_000, seed: 7 })
  expect(result.findings).toEqual([])
  expect(result.messages).toBe(20_000)
  // Guided, not blind: mutants of mutants reach far more kinds of answer than the first messages do.
  expect(result.kinds.size).toBeGreaterThan(100)
})

test('what is reported repeats with its seed', async () => {
  const [first, second] = [
    await fuzzWire({ messages: 2000, seed: 3 }),
    await fuzzWire({ messages: 2000, seed: 3 }),
  ]
  const deterministic = (kinds: ReadonlyMap<string, number>) =>
    [...kinds].filter(([kind]) => kind.startsWith('codec'))
  expect(deterministic(second.kinds)).toEqual(deterministic(first.kinds))
})

test('a node that got malformed messages over its sockets answers the next well-formed one', async () => {
  await using node = await startWireNode()
  const handle = '88.1000/standing'
  await node.store(handle, [textValue(1, 'URL', 'http://standing')])
  const prng = createPrng(11)
  const corpus = seedMessages()
  const datagrams = createSocket('udp4')
  const ended = Array.from({ length: 100 }, async () => {
    const bytes = Buffer.concat(Array.from({ length: 5 }, () => mutate(corpus, prng)))
    datagrams.send(bytes.subarray(0, 1400), node.port, '127.0.0.1')
    const socket = connect({ port: node.port, host: '127.0.0.1' })
    socket.on('error', () => undefined)
    socket.resume()
    socket.end(bytes)
    await new Promise((resolve) => socket.once('close', resolve))
  })
  await Promise.all(ended)
  datagrams.close()
  expect(await sendBytes(node.port, requestBytes(resolution(handle)))).toMatchObject([{ responseCode: 1 }])
  const [overUdp] = await node.client('udp').send(resolution(handle))
  expect(overUdp.responseCode).toBe(1)
})
