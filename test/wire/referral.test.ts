import { expect, test } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import { parseHandle } from '../../src/identifier/handle.ts'
import { encodeRecord } from '../../src/identifier/record-encoding.ts'
import { defaultPermissions, defaultTtl } from '../../src/identifier/value.ts'
import { openNode } from '../../src/node.ts'
import { Answerer } from '../../src/wire/answerer.ts'
import { encodeValues } from '../../src/wire/codec/bodies.ts'
import { readEnvelope, readMessage } from '../../src/wire/codec/message.ts'
import { envelopeBytes, opFlag } from '../../src/wire/codec/protocol.ts'
import { FakeClock } from '../support/fake-clock.ts'

test('a handle below a homed prefix that delegates is answered with a prefix referral, unless it forbids one', async () => {
  const node = await openNode(parseConfig({ store: 'memory', prefix: '88.1000' }), new FakeClock())
  const record = '0.NA/88.1000'
  const value = {
    index: 7,
    type: 'HS_SITE.PREFIX',
    data: Buffer.alloc(20),
    ttl: defaultTtl,
    timestampSeconds: 1,
    permissions: defaultPermissions,
    references: [],
  }
  await node.store.commit([
    {
      key: parseHandle(record).key,
      value: encodeRecord({ handle: record, values: [value] }),
      precondition: { kind: 'none' },
    },
  ])
  const site = { version: 1 } as never
  const failures: unknown[] = []
  const answerer = new Answerer({
    node,
    site,
    forward: async () => undefined,
    onFailure: (error) => failures.push(error),
  })
  const ask = async (opFlags: number): Promise<number> => {
    const body = Buffer.concat([encodeValues('88.1000.8/x', []), Buffer.alloc(4)])
    const content = Buffer.alloc(24 + body.length)
    content.writeInt32BE(1, 0)
    content.writeUInt32BE(opFlags, 8)
    content.writeInt32BE(body.length, 20)
    content.set(body, 24)
    const envelope = { ...readEnvelope(head), messageLength: content.length }
    const answer = await answerer.answer(envelope, content)
    return readMessage(readEnvelope(answer), answer.subarray(envelopeBytes)).responseCode
  }
  expect(await ask(opFlag.publicOnly)).toBe(303)
  expect(await ask(opFlag.publicOnly | opFlag.doNotRefer)).toBe(301)
  expect(failures).toEqual([])
  await node.close()
})

const head = Buffer.from('0203020b00000000010203040000000000000037', 'hex')
