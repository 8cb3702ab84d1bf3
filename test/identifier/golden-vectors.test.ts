import { expect, test } from 'vitest'
import { allAdminPermissions, decodeAdminData, encodeAdminData } from '../../src/identifier/admin-data.ts'
import { decodeRecord, encodeRecord, encodeValue } from '../../src/identifier/record-encoding.ts'
import { decodeSiteData, encodeSiteData, type SiteData } from '../../src/identifier/site-data.ts'
import type { HandleValue } from '../../src/identifier/value.ts'
import { decodeValue } from '../support/decode-value.ts'

// Made with an independent client of the Handle protocol (handle-client 9.3.1): never regenerate them from our own output.
const valueHex =
  '000000016553f10000000151800e0000000355524c0000001768747470733a2f2f6578616d706c652e6f72672f702f3100000000'
const adminHex = '0fff0000000d302e4e412f38382e3131382e38000000c8'
const siteHex =
  '0001020b0001800200000000000000010000000464657363000000047465737400000001000000010000000000000000000000007f0000010000000000000003030100000a51020000000a51030200001f40'

const urlValue: HandleValue = {
  index: 1,
  type: 'URL',
  data: Buffer.from('https://example.org/p/1'),
  ttl: { kind: 'relative', seconds: 86_400 },
  timestampSeconds: 1_700_000_000,
  permissions: 0b1110,
  references: [],
}

const site: SiteData = {
  version: 1,
  protocolVersion: { major: 2, minor: 11 },
  serialNumber: 1,
  primarySite: true,
  multiPrimary: false,
  hashOption: 'all',
  hashFilter: '',
  attributes: [{ name: 'desc', value: 'test' }],
  servers: [
    {
      serverId: 1,
      address: '127.0.0.1',
      publicKey: Buffer.alloc(0),
      interfaces: [
        { admin: true, query: true, protocol: 'TCP', port: 2641 },
        { admin: false, query: true, protocol: 'UDP', port: 2641 },
        { admin: true, query: true, protocol: 'HTTP', port: 8000 },
      ],
    },
  ],
}

test('a URL value is the bytes that other implementations write', () => {
  expect(encodeValue(urlValue).toString('hex')).toBe(valueHex)
  expect(decodeValue(Buffer.from(valueHex, 'hex'))).toEqual(urlValue)
})

test('HS_ADMIN data is the bytes that other implementations write', () => {
  const admin = { handle: '0.NA/88.118.8', index: 200, permissions: allAdminPermissions }
  expect(encodeAdminData(admin).toString('hex')).toBe(adminHex)
  expect(decodeAdminData(Buffer.from(adminHex, 'hex'))).toEqual(admin)
})

test('HS_SITE data is the bytes that other implementations write', () => {
  expect(encodeSiteData(site).toString('hex')).toBe(siteHex)
  expect(decodeSiteData(Buffer.from(siteHex, 'hex'))).toEqual(site)
})

// RFC 3652: the body of a resolution answer is the handle, the number of values, the values.
test('a stored record is the body of a resolution answer', () => {
  const handle = '88.118.8/SN0001'
  const head = `0000000f${Buffer.from(handle).toString('hex')}`
  expect(encodeRecord({ handle, values: [urlValue] }).toString('hex')).toBe(`${head}00000001${valueHex}`)
  expect(encodeRecord({ handle, values: [] }).toString('hex')).toBe(`${head}00000000`)
  expect(decodeRecord(Buffer.from(`${head}00000001${valueHex}`, 'hex'))).toEqual({
    handle,
    values: [urlValue],
  })
})
