import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type HandleValue, inIndexOrder } from '../../src/identifier/value.ts'
import { valueFromJson, valuesFromJson } from '../../src/identifier/value-input.ts'
import { isoSeconds, valuesToJson, valueToJson } from '../../src/identifier/value-json.ts'
import { value as anyValue } from '../support/arbitraries.ts'

const timestampSeconds = 1_700_000_000
const plain: HandleValue = {
  index: 1,
  type: 'URL',
  data: Buffer.from('https://example.org/p/1'),
  ttl: { kind: 'relative', seconds: 86_400 },
  timestampSeconds,
  permissions: 0b1110,
  references: [],
}

test('a value with the default permissions and no references shows neither', () => {
  expect(valueToJson(plain)).toBe(
    '{"index":1,"type":"URL","data":{"format":"string","value":"https://example.org/p/1"},"ttl":86400,"timestamp":"2023-11-14T22:13:20Z"}',
  )
})

test('other permissions, references and an absolute ttl are shown', () => {
  const value: HandleValue = {
    ...plain,
    permissions: 0b0101,
    ttl: { kind: 'absolute', atSeconds: 1_798_675_200 },
    references: [{ handle: 'a/"b"', index: 4_294_967_295 }],
  }
  expect(JSON.parse(valueToJson(value))).toMatchObject({
    permissions: '0101',
    ttl: '2026-12-31T00:00:00Z',
    references: [{ handle: 'a/"b"', index: 4_294_967_295 }],
  })
})

describe('data without structure', () => {
  test.each([
    ['Chinese text', Buffer.from('二级节点\n\t\r'), { format: 'string', value: '二级节点\n\t\r' }],
    ['nothing', Buffer.alloc(0), { format: 'string', value: '' }],
    ['bytes that are not UTF-8', Buffer.of(0xff, 0xfe), { format: 'base64', value: '//4=' }],
    ['a control character', Buffer.from('a\u0000'), { format: 'base64', value: 'YQA=' }],
    ['a C1 control character', Buffer.from('\u0085'), { format: 'base64', value: 'woU=' }],
  ])('that is %s is shown as text or base64', (_name, data, expected) => {
    expect(JSON.parse(valueToJson({ ...plain, data }))).toMatchObject({ data: expected })
  })

  test.each(['HS_ADMIN', 'HS_VLIST', 'HS_SITE', 'HS_SITE.PREFIX', 'HS_PUBKEY'])(
    'under the type %s is shown as it is',
    (type) => {
      const value = { ...plain, type, data: Buffer.from('no such structure') }
      expect(JSON.parse(valueToJson(value))).toMatchObject({
        data: { format: 'string', value: 'no such structure' },
      })
    },
  )
})

const structured = [
  [
    'HS_ADMIN',
    { format: 'admin', value: { handle: '0.NA/88.118', index: 200, permissions: '011111110011' } },
  ],
  ['HS_VLIST', { format: 'vlist', value: [{ handle: '88.118/标', index: 300 }] }],
  ['HS_VLIST', { format: 'vlist', value: [] }],
  ['HS_PUBKEY', { format: 'key', value: { kty: 'RSA', n: '_-8', e: 'AQAB' } }],
  ['HS_PUBKEY', { format: 'key', value: { kty: 'DSA', y: 'AQ', p: 'Ag', q: 'Aw', g: 'BA' } }],
  [
    'HS_SITE',
    {
      format: 'site',
      value: {
        version: 1,
        protocolVersion: '2.11',
        serialNumber: 3,
        primarySite: true,
        multiPrimary: true,
        hashOption: 'suffix',
        hashFilter: 'x',
        attributes: [{ name: 'desc', value: '二级节点' }],
        servers: [
          {
            serverId: 1,
            address: '2001:db8:0:0:0:0:0:1',
            publicKey: { format: 'key', value: { kty: 'RSA', n: '_-8', e: 'AQAB' } },
            interfaces: [{ query: true, admin: false, protocol: 'HTTPS', port: 8000 }],
          },
          { serverId: 2, address: '10.0.0.1', interfaces: [] },
        ],
      },
    },
  ],
] as const

test.each(structured)('%s data reads and shows as the same JSON', (type, data) => {
  const value = valueFromJson({ index: 1, type, data }, 'value', timestampSeconds)
  expect(JSON.parse(valueToJson(value)).data).toEqual(data)
})

test('a short IPv6 address is shown in full', () => {
  const site = { servers: [{ serverId: 1, address: '2001:db8::1' }] }
  const value = valueFromJson(
    { index: 1, type: 'HS_SITE', data: { format: 'site', value: site } },
    'value',
    timestampSeconds,
  )
  expect(JSON.parse(valueToJson(value)).data.value.servers[0].address).toBe('2001:db8:0:0:0:0:0:1')
})

test('whatever is shown reads back as the same values', () => {
  const values = fc.uniqueArray(anyValue, { selector: ({ index }) => index, maxLength: 4 }).map((list) =>
    inIndexOrder(
      list.map((value, position) => ({
        ...value,
        type: value.type || 'URL',
        timestampSeconds,
        references: value.references.map((reference) => ({ ...reference, index: position + 1 })),
      })),
    ),
  )
  const property = fc.property(values, (list) => {
    expect(valuesFromJson(JSON.parse(valuesToJson(list)), timestampSeconds)).toEqual(list)
  })
  fc.assert(property, { numRuns: 300 })
})

test('moments are UTC in whole seconds with Z', () => {
  expect(isoSeconds(0)).toBe('1970-01-01T00:00:00Z')
  expect(isoSeconds(1_700_000_000)).toBe('2023-11-14T22:13:20Z')
  expect(isoSeconds(0xffff_ffff)).toBe('2106-02-07T06:28:15Z')
  expect(isoSeconds(0)).toBe('1970-01-01T00:00:00Z')
})
