import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { encodeRecord } from '../src/identifier/record-encoding.ts'
import { type ResolvedRecord, resolvedRecord } from '../src/resolved-record.ts'
import { resolvedRecordCodec } from '../src/resolved-record-codec.ts'
import { textValue } from './support/wire-node.ts'

const records = {
  'in ASCII': { handle: '88.1/A', values: [textValue(1, 'URL', 'https://example.org/')] },
  'with Chinese text': { handle: '88.1/设备', values: [textValue(1, 'DESC', '二级节点')] },
}

test.each(Object.entries(records))(
  'a record %s is the same fresh, copied from bytes and seen in them',
  (_name, record) => {
    const fresh = () => resolvedRecord(encodeRecord(record), 0)
    const bytes = Buffer.alloc(3 + resolvedRecordCodec.bytesOf(fresh()))
    resolvedRecordCodec.write(fresh(), bytes, 3)
    const told = facts(fresh())
    expect(facts(resolvedRecordCodec.view(bytes, 3))).toEqual(told)
    const copies = (['once', 'stay'] as const).map((use) => resolvedRecordCodec.read(bytes, 3, use))
    bytes.fill(0)
    for (const copied of copies) expect(facts(copied)).toEqual(told)
    expect(copies[1]?.publicBody.buffer.byteLength).toBeLessThan(Buffer.poolSize / 8)
    expect(told.etag).toBe(`"${hash('sha1', Buffer.from(told.body), 'base64url')}"`)
    expect(JSON.parse(told.body)).toMatchObject({ responseCode: 1, handle: record.handle })
  },
)

test('an answer that is kept with a record takes the place of its body', () => {
  const record = resolvedRecord(encodeRecord(records['in ASCII']), 0)
  const body = record.publicBody.toString()
  const bytes = Buffer.from(`head${body}`)
  record.ready = { bytes, dateStart: 0, dateSecond: 0 }
  expect(record.publicBody.buffer).toBe(bytes.buffer)
  expect(record.publicBody.toString()).toBe(body)
})

function facts(record: ResolvedRecord) {
  const { handle, isWhollyPublic, ttlSeconds, untilSeconds, bodyBytes, etag, publicBody, encoded } = record
  const copy = Buffer.alloc(bodyBytes)
  record.copyBody(copy, 0)
  expect(copy).toEqual(Buffer.from(publicBody))
  const body = publicBody.toString()
  const stored = Buffer.from(encoded).toString('hex')
  return { handle, isWhollyPublic, ttlSeconds, untilSeconds, bodyBytes, etag, body, stored }
}
