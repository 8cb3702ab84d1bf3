import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HandleError } from '../../src/errors.ts'
import { decodeRecord, encodeRecord } from '../../src/identifier/record-encoding.ts'
import { recordLimits } from '../../src/identifier/value.ts'
import { valueFromJson, valuesFromJson } from '../../src/identifier/value-input.ts'

const timestampSeconds = 1_700_000_000
const good = { index: 1, type: 'URL', data: { format: 'string', value: 'https://example.org/' } }
const goodServer = { serverId: 1, address: '10.0.0.1', interfaces: [] }

describe('a value in JSON', () => {
  test('takes the defaults of the protocol and the time of the node', () => {
    expect(valueFromJson({ ...good, timestamp: '1999-01-01T00:00:00Z' }, 'value', timestampSeconds)).toEqual({
      index: 1,
      type: 'URL',
      data: Buffer.from('https://example.org/'),
      ttl: { kind: 'relative', seconds: 86_400 },
      timestampSeconds,
      permissions: 0b1110,
      references: [],
    })
  })

  test.each([
    ['a bare string', 'https://example.org/', 'https://example.org/'],
    ['a bare number', 12.5, '12.5'],
    ['a bare boolean', false, 'false'],
    ['an empty string', '', ''],
    ['format string with a number', { format: 'string', value: 7 }, '7'],
    ['format string in Chinese', { format: 'string', value: '二级节点' }, '二级节点'],
    ['format base64', { format: 'base64', value: 'aGk=' }, 'hi'],
    ['format base64 without padding', { format: 'base64', value: 'aGk' }, 'hi'],
    ['format base64 of nothing', { format: 'base64', value: '' }, ''],
    ['format hex', { format: 'hex', value: '6869' }, 'hi'],
    ['format hex of nothing', { format: 'hex', value: '' }, ''],
  ])('takes %s as data', (_name, data, expected) => {
    expect(Buffer.from(read({ data }).data).toString()).toBe(expected)
  })

  test.each([
    [{ index: '300' }, { index: 300 }],
    [{ index: recordLimits.indexMax }, { index: recordLimits.indexMax }],
    [{ ttl: 0 }, { ttl: { kind: 'relative', seconds: 0 } }],
    [{ ttl: 0xffff_ffff }, { ttl: { kind: 'relative', seconds: 0xffff_ffff } }],
    [{ ttl: '2026-12-31T00:00:00Z' }, { ttl: { kind: 'absolute', atSeconds: 1_798_675_200 } }],
    [{ ttl: '2026-12-31T08:00:00.9+08:00' }, { ttl: { kind: 'absolute', atSeconds: 1_798_675_200 } }],
    [{ permissions: '0000' }, { permissions: 0 }],
    [{ permissions: '1101' }, { permissions: 0b1101 }],
    [{ references: [{ handle: 'a/b', index: '2' }] }, { references: [{ handle: 'a/b', index: 2 }] }],
  ])('%j is read as %j', (fields, expected) => {
    expect(read(fields)).toMatchObject(expected)
  })
})

const index = `an integer from 1 to ${recordLimits.indexMax}`
const bytes2048 = 'well-formed text of at most 2048 bytes'
const admin = (fields: object): object => ({
  data: { format: 'admin', value: { handle: 'a/b', index: 1, permissions: '011111110011', ...fields } },
})
const site = (fields: object): object => ({
  data: { format: 'site', value: { servers: [goodServer], ...fields } },
})
const server = (fields: object): object => site({ servers: [{ ...goodServer, ...fields }] })
const face = (fields: object): object =>
  server({ interfaces: [{ query: true, admin: true, protocol: 'TCP', port: 2641, ...fields }] })

// Every field with wrong values: the fields that differ from a good value, the field named, what is said of it.
const wrongValues: readonly (readonly [wrong: object, field: string, expected: string])[] = [
  [{ index: undefined }, 'index is missing', index],
  [{ index: 0 }, 'index is 0', index],
  [{ index: -1 }, 'index is -1', index],
  [{ index: 1.5 }, 'index is 1.5', index],
  [{ index: recordLimits.indexMax + 1 }, 'index is 2147483648', index],
  [{ index: 'one' }, 'index is "one"', index],
  [{ index: '' }, 'index is ""', index],
  [{ index: null }, 'index is null', index],
  [{ type: undefined }, 'type is missing', 'text of at most 1024 bytes'],
  [{ type: '' }, 'type is ""', 'a type name such as URL'],
  [{ type: 5 }, 'type is 5', 'text of at most 1024 bytes'],
  [{ type: '类'.repeat(342) }, 'type is "类', 'text of at most 1024 bytes'],
  [{ type: 'a\ud800' }, 'type is "a\\ud800"', 'well-formed text'],
  [{ data: undefined }, 'data is missing', 'a string, a number, true, false or {"format","value"}'],
  [{ data: null }, 'data is null', 'a string, a number'],
  [{ data: ['a'] }, 'data is ["a"]', 'a string, a number'],
  [{ data: 'a\udc00' }, 'data is "text with an unpaired surrogate"', 'well-formed Unicode'],
  [{ data: { value: 'a' } }, 'data.format is missing', 'one of string, base64, hex, admin, vlist, site, key'],
  [{ data: { format: 'toString', value: 'a' } }, 'data.format is "toString"', 'one of string, base64'],
  [{ data: { format: 'string' } }, 'data.value is missing', 'a string'],
  [{ data: { format: 'string', value: {} } }, 'data.value is {}', 'a string'],
  [{ data: { format: 'base64', value: 'a-_b' } }, 'data.value is "a-_b"', 'base64'],
  [{ data: { format: 'base64', value: 'aGkaG' } }, 'data.value is "aGkaG"', 'base64'],
  [{ data: { format: 'base64', value: 5 } }, 'data.value is 5', 'base64'],
  [{ data: { format: 'hex', value: 'abc' } }, 'data.value is "abc"', 'pairs of hexadecimal digits'],
  [{ data: { format: 'hex', value: 'zz' } }, 'data.value is "zz"', 'pairs of hexadecimal digits'],
  [{ data: { format: 'admin', value: 'a/b' } }, 'data.value is "a/b"', '{"handle":"…","index":n'],
  [admin({ handle: 5 }), 'data.value is {', '{"handle":"…","index":n'],
  [admin({ handle: 'x'.repeat(2049) }), 'data.value.handle is "x', bytes2048],
  [admin({ index: 0 }), 'data.value.index is 0', index],
  [admin({ permissions: '0111' }), 'data.value.permissions is "0111"', '12 digits 0 or 1'],
  [admin({ permissions: 4095 }), 'data.value.permissions is 4095', '12 digits 0 or 1'],
  [{ data: { format: 'vlist', value: {} } }, 'data.value is {}', 'an array of at most 1024'],
  [{ data: { format: 'vlist', value: ['a/b'] } }, 'data.value[0] is "a/b"', '{"handle":"…","index":n}'],
  [
    { data: { format: 'vlist', value: [{ handle: 'x'.repeat(2049), index: 1 }] } },
    'data.value[0].handle is "x',
    bytes2048,
  ],
  [{ data: { format: 'site', value: 'here' } }, 'data.value is "here"', 'a site object'],
  [site({ version: 65_536 }), 'data.value.version is 65536', 'an integer from 0 to 65535'],
  [site({ protocolVersion: '2' }), 'data.value.protocolVersion is "2"', 'a version such as 2.10'],
  [site({ protocolVersion: '2.256' }), 'data.value.protocolVersion is "2.256"', 'a version such as 2.10'],
  [site({ serialNumber: -1 }), 'data.value.serialNumber is -1', 'an integer from 0 to 65535'],
  [site({ primarySite: 'yes' }), 'data.value.primarySite is "yes"', 'true or false'],
  [site({ multiPrimary: 1 }), 'data.value.multiPrimary is 1', 'true or false'],
  [site({ hashOption: 'none' }), 'data.value.hashOption is "none"', 'one of prefix, suffix, all'],
  [site({ hashFilter: 5 }), 'data.value.hashFilter is 5', 'text of at most 4096 bytes'],
  [site({ attributes: {} }), 'data.value.attributes is {}', 'an array of at most 1024'],
  [site({ attributes: [{ name: 'a' }] }), 'data.value.attributes[0] is', '{"name":"…","value":"…"}'],
  [
    site({ attributes: [{ name: 'a', value: 'x'.repeat(4097) }] }),
    'data.value.attributes[0].value is "x',
    'text of at most 4096 bytes',
  ],
  [site({ servers: 'all' }), 'data.value.servers is "all"', 'an array of at most 1024'],
  [site({ servers: Array(1025).fill(goodServer) }), 'data.value.servers is [', 'an array of at most 1024'],
  [site({ servers: [5] }), 'data.value.servers[0] is 5', 'a server object'],
  [server({ serverId: -1 }), 'servers[0].serverId is -1', 'an integer from 0 to 2147483647'],
  [server({ address: 'localhost' }), 'servers[0].address is "localhost"', 'an IPv4 or IPv6 address'],
  [server({ address: 'fe80::1%eth0' }), 'servers[0].address is "fe80::1%eth0"', 'an IPv4 or IPv6 address'],
  [
    server({ address: '::ffff:10.0.0.1' }),
    'servers[0].address is "::ffff:10.0.0.1"',
    'an IPv4 or IPv6 address',
  ],
  [server({ publicKey: 'key' }), 'servers[0].publicKey is "key"', '{"format":"key","value":…}'],
  [
    server({ publicKey: { format: 'site', value: {} } }),
    'servers[0].publicKey is',
    '{"format":"key","value":…}',
  ],
  [
    server({ publicKey: { format: 'key', value: {} } }),
    'publicKey.value is {}',
    'a JSON Web Key with kty RSA or DSA',
  ],
  [
    server({ publicKey: { format: 'key', value: { kty: 'RSA', e: 'AQAB', n: 'A'.repeat(30_000) } } }),
    'publicKey is "22',
    'at most 16384 bytes',
  ],
  [server({ interfaces: {} }), 'servers[0].interfaces is {}', 'an array of at most 1024'],
  [server({ interfaces: [null] }), 'interfaces[0] is null', '{"query","admin","protocol","port"}'],
  [face({ query: 'yes' }), 'interfaces[0].query is "yes"', 'true or false'],
  [face({ admin: 1 }), 'interfaces[0].admin is 1', 'true or false'],
  [face({ protocol: 'tcp' }), 'interfaces[0].protocol is "tcp"', 'one of UDP, TCP, HTTP, HTTPS'],
  [face({ port: 65_536 }), 'interfaces[0].port is 65536', 'an integer from 0 to 65535'],
  [
    { data: { format: 'key', value: { kty: 'EC' } } },
    'data.value is {"kty":"EC"}',
    'a JSON Web Key with kty RSA or DSA',
  ],
  [{ data: { format: 'key', value: { kty: 'RSA', e: 'AQAB' } } }, 'data.value.n is missing', 'base64url'],
  [{ data: { format: 'key', value: { kty: 'DSA', y: '+' } } }, 'data.value.y is "+"', 'base64url'],
  [{ ttl: -1 }, 'ttl is -1', 'whole seconds, or a moment such as'],
  [{ ttl: 1.5 }, 'ttl is 1.5', 'whole seconds, or a moment such as'],
  [{ ttl: 0x1_0000_0000 }, 'ttl is 4294967296', 'whole seconds, or a moment such as'],
  [{ ttl: '86400' }, 'ttl is "86400"', 'whole seconds, or a moment such as'],
  [{ ttl: '2026-02-30' }, 'ttl is "2026-02-30"', 'whole seconds, or a moment such as'],
  [{ ttl: '2026-13-01T00:00:00Z' }, 'ttl is "2026-13-01T00:00:00Z"', 'whole seconds, or a moment such as'],
  [{ ttl: '1960-01-01T00:00:00Z' }, 'ttl is "1960-01-01T00:00:00Z"', 'whole seconds, or a moment such as'],
  [{ ttl: null }, 'ttl is null', 'whole seconds, or a moment such as'],
  [{ permissions: '111' }, 'permissions is "111"', 'four digits 0 or 1'],
  [{ permissions: 1110 }, 'permissions is 1110', 'four digits 0 or 1'],
  [{ permissions: '1112' }, 'permissions is "1112"', 'four digits 0 or 1'],
  [{ references: {} }, 'references is {}', 'an array of at most 1024'],
  [{ references: [{ handle: 'a/b' }] }, 'references[0].index is missing', index],
  [{ references: [{ index: 1 }] }, 'references[0] is {"index":1}', '{"handle":"…","index":n}'],
  [{ references: [{ handle: 'x'.repeat(2049), index: 1 }] }, 'references[0].handle is "x', bytes2048],
  [
    { references: Array(1025).fill({ handle: 'a/b', index: 1 }) },
    'references is [',
    'an array of at most 1024',
  ],
]

describe('a wrong value in JSON', () => {
  test.each(wrongValues.map(([wrong, field, expected]) => ({ wrong, field, expected })))(
    'gives INVALID_VALUE saying that $field',
    ({ wrong, field, expected }) => {
      const error = refusal(() => read(wrong))
      expect(error.code).toBe('INVALID_VALUE')
      expect(error.message).toContain(field)
      expect(error.message).toContain(
        `expected ${expected.startsWith('text') ? 'well-formed ' : ''}${expected}`,
      )
      expect(error.message.length).toBeLessThan(300)
    },
  )

  test.each([
    [5, 'values is 5; expected an array of values'],
    [{}, 'values is {}; expected an array of values'],
    [[good, 5], 'values[1] is 5; expected an object with index, type and data'],
    [[good, null], 'values[1] is null; expected an object with index, type and data'],
    [[good, { ...good, index: '1' }], 'values[1].index is 1; expected each index once'],
    [Array(2049).fill(good), 'values is "2049 values"; expected at most 2048'],
    [
      [{ ...good, data: 'x'.repeat(recordLimits.dataBytesMax + 1) }],
      'values[0].data is "1048577 bytes"; expected at most 1048576 bytes',
    ],
  ])('in a list is named by its place (%#)', (input, message) => {
    expect(refusal(() => valuesFromJson(input, timestampSeconds)).message).toBe(message)
  })

  test('as deep as a body can nest is refused, not a stack overflow', () => {
    let nested: unknown = goodServer
    for (let depth = 0; depth < 20_000; depth++) {
      nested = { ...goodServer, publicKey: { format: 'site', value: { servers: [nested] } } }
    }
    // JSON.stringify of the found value in an error message must bear it too.
    expect(refusal(() => read(site({ servers: [nested] }))).code).toBe('INVALID_VALUE')
  })
})

test('whatever JSON is accepted can be stored and read back', () => {
  const field = fc.oneof(fc.jsonValue(), fc.constantFrom('1110', 86_400, 'a/b', '2026-12-31T00:00:00Z'))
  const format = fc.constantFrom('string', 'base64', 'hex', 'admin', 'vlist', 'site', 'key', 'other')
  const anyReference = fc.record({
    handle: fc.string({ maxLength: 9 }),
    index: fc.integer({ min: 0, max: 9 }),
  })
  const anyValue = fc.record(
    {
      index: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 1, max: 9 }) }, fc.jsonValue()),
      type: fc.oneof({ weight: 5, arbitrary: fc.string({ minLength: 1 }) }, fc.jsonValue()),
      data: fc.oneof(
        fc.record({ format, value: fc.oneof(fc.jsonValue(), anyReference, fc.array(anyReference)) }),
        { weight: 3, arbitrary: fc.string() },
      ),
      ttl: fc.oneof({ weight: 5, arbitrary: fc.nat() }, field),
      permissions: fc.oneof({ weight: 5, arbitrary: fc.constantFrom('1110', '1100') }, field),
      references: fc.oneof({ weight: 5, arbitrary: fc.constant([]) }, fc.array(anyReference), field),
    },
    { requiredKeys: ['index', 'type', 'data'] },
  )
  let accepted = 0
  const property = fc.property(fc.array(anyValue, { maxLength: 3 }), (input) => {
    let values: ReturnType<typeof valuesFromJson>
    try {
      values = valuesFromJson(input, timestampSeconds)
    } catch (error) {
      expect(error).toMatchObject({ name: 'HandleError', code: 'INVALID_VALUE', status: 400 })
      return
    }
    accepted += values.length
    const record = { handle: '88.118/a', values }
    expect(decodeRecord(encodeRecord(record))).toEqual(record)
  })
  fc.assert(property, { numRuns: 1000 })
  expect(accepted).toBeGreaterThan(100)
})

function read(fields: object) {
  return valueFromJson({ ...good, ...fields }, 'values[0]', timestampSeconds)
}

function refusal(action: () => unknown): HandleError {
  try {
    action()
  } catch (error) {
    if (error instanceof HandleError) return error
    throw error
  }
  throw new Error('nothing was refused')
}
