import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { readResolveBody, readValuesBody } from '../../src/wire/codec/bodies.ts'
import { readEnvelope, readMessage } from '../../src/wire/codec/message.ts'
import { envelopeBytes } from '../../src/wire/codec/protocol.ts'
import { type Capture, capturedHandle, captureResolves } from '../support/protocol-capture/capture.ts'
import { bytesInDocument, renderProtocols } from '../support/protocol-capture/render.ts'

const document = readFileSync(new URL('../../docs/protocols.md', import.meta.url), 'utf8')
let fresh: Capture
beforeAll(async () => {
  fresh = await captureResolves()
})

test.each(['tcp', 'udp'] as const)(
  'the bytes of docs/protocols.md are what a node sends over %s today',
  (transport) => {
    expect(bytesInDocument(document, transport)).toEqual(fresh[transport])
  },
)

test('so are those over HTTP, but for the time of day', () => {
  const shown = bytesInDocument(document, 'http')
  expect(shown.request).toEqual(fresh.http.request)
  const undated = (bytes: Buffer) => bytes.toString('utf8').replace(/date: [^\r]*/i, '')
  expect(undated(shown.answer)).toBe(undated(fresh.http.answer))
})

test('each line of the document says what its bytes say', () => {
  const shown = {
    http: bytesInDocument(document, 'http'),
    tcp: bytesInDocument(document, 'tcp'),
    udp: bytesInDocument(document, 'udp'),
  }
  expect(renderProtocols(shown)).toBe(document)
})

test.each(['tcp', 'udp'] as const)(
  'the codec reads the bytes of the document over %s as the document does',
  (transport) => {
    const { request, answer } = bytesInDocument(document, transport)
    const asked = readMessage(readEnvelope(request), request.subarray(envelopeBytes))
    expect(readResolveBody(asked.body)).toEqual({ handle: capturedHandle, indexes: [], types: [] })
    const answered = readMessage(readEnvelope(answer), answer.subarray(envelopeBytes))
    expect(answered).toMatchObject({ responseCode: 1, envelope: { requestId: asked.envelope.requestId } })
    expect(readValuesBody(answered.body)).toMatchObject({
      handle: capturedHandle,
      values: [{ index: 1, type: 'URL', data: Buffer.from('https://example.org/p/1') }],
    })
  },
)
