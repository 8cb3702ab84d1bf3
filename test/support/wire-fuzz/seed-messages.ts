import { encodeAdminData, encodeVlistData } from '../../../src/identifier/admin-data.ts'
import { encodeValue } from '../../../src/identifier/record-encoding.ts'
import { encodeSiteData } from '../../../src/identifier/site-data.ts'
import {
  encodeChallengeAnswerBody,
  encodeHandles,
  encodeIndexesBody,
  encodeResolveBody,
  encodeValues,
  sized,
} from '../../../src/wire/codec/bodies.ts'
import { packetsOf } from '../../../src/wire/codec/packets.ts'
import { operations, opFlag } from '../../../src/wire/codec/protocol.ts'
import { encodeRequest } from '../../../src/wire/codec/request.ts'
import { textValue } from '../wire-node.ts'

/** The records that a fuzzed node holds. */
export const fuzzedPrefix = '88.1000'
export const fuzzedHandles = [`${fuzzedPrefix}/one`, `${fuzzedPrefix}/two`, `${fuzzedPrefix}/三`]

const site = {
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
      publicKey: Buffer.from('key'),
      interfaces: [{ admin: true, query: true, protocol: 'TCP', port: 2641 }],
    },
  ],
} as const

/** Values of every structured type. */
function structuredValues() {
  const admin = { handle: `${fuzzedPrefix}/ADMIN`, index: 300 }
  return [
    { ...textValue(1, 'URL', 'https://example.org/'), references: [admin] },
    { ...textValue(100, 'HS_ADMIN', ''), data: encodeAdminData({ ...admin, permissions: 0xfff }) },
    { ...textValue(200, 'HS_VLIST', ''), data: encodeVlistData([admin, admin]) },
    { ...textValue(3, 'HS_SITE', ''), data: encodeSiteData(site), permissions: 0b1100 },
    { ...textValue(4, 'HS_SERV', '0.SERV/1'), ttl: { kind: 'absolute' as const, atSeconds: 2_000_000_000 } },
  ]
}

/** A well-formed request of every operation, with every flag and version somewhere, and the packets of a long one. */
export function seedMessages(): readonly Buffer[] {
  const [handle = ''] = fuzzedHandles
  const values = structuredValues().map(encodeValue)
  const long = [encodeValue(textValue(1, 'NOTE', 'n'.repeat(1200)))]
  const bodies: readonly (readonly [number, Uint8Array])[] = [
    ...fuzzedHandles.map(
      (text) => [operations.resolve, encodeResolveBody({ handle: text, indexes: [], types: [] })] as const,
    ),
    [operations.resolve, encodeResolveBody({ handle, indexes: [1, 300], types: ['URL', 'HS_'] })],
    [operations.resolve, encodeResolveBody({ handle: `0.NA/${fuzzedPrefix}`, indexes: [], types: [] })],
    [operations.resolve, encodeResolveBody({ handle: `${fuzzedPrefix}.9/x`, indexes: [], types: [] })],
    [operations.getSiteInfo, sized('/')],
    [operations.createHandle, encodeValues(`${fuzzedPrefix}/new`, values)],
    [operations.deleteHandle, sized(handle)],
    [operations.addValue, encodeValues(handle, values)],
    [operations.removeValue, encodeIndexesBody(handle, [1, 2])],
    [operations.modifyValue, encodeValues(handle, values)],
    [operations.listHandles, sized(`0.NA/${fuzzedPrefix}`)],
    [operations.listDerivedPrefixes, sized(`0.NA/${fuzzedPrefix}`)],
    [
      operations.answerChallenge,
      challengeAnswer('HS_SECKEY', Buffer.concat([Buffer.of(2), Buffer.alloc(20)])),
    ],
    [operations.answerChallenge, challengeAnswer('HS_SECKEY', derivedKeyProof())],
    [operations.answerChallenge, challengeAnswer('HS_PUBKEY', Buffer.concat([sized('SHA1'), sized('sig')]))],
    [operations.homePrefix, sized(`0.NA/${fuzzedPrefix}.8`)],
    [operations.unhomePrefix, sized(`0.NA/${fuzzedPrefix}.8`)],
    [operations.listHomedPrefixes, sized(`0.NA/${fuzzedPrefix}`)],
    [operations.setUpSession, sized('key')],
    [operations.resolve, encodeHandles(fuzzedHandles)],
  ]
  const flags = Object.values(opFlag)
  const messages = bodies.map(([opCode, body], position) =>
    encodeRequest(
      {
        opCode,
        opFlags: opFlag.publicOnly | (flags[position % flags.length] ?? 0),
        body,
        expirationSeconds: position % 3 === 0 ? 0 : 2_000_000_000,
        recursionCount: position % 4,
      },
      { requestId: position, minor: 1 + (position % 11) },
    ),
  )
  const fragmented = encodeRequest(
    {
      opCode: operations.createHandle,
      opFlags: 0,
      body: encodeValues(`${fuzzedPrefix}/long`, long),
      expirationSeconds: 0,
    },
    { requestId: 9999 },
  )
  return [...messages, ...packetsOf(fragmented)]
}

function challengeAnswer(authenticationType: string, proof: Buffer): Buffer {
  return encodeChallengeAnswerBody({ authenticationType, handle: `${fuzzedPrefix}/ADMIN`, index: 300, proof })
}

/** One round of key derivation: the cost of more is what the bound on them is for. */
function derivedKeyProof(): Buffer {
  const numbers = Buffer.alloc(8)
  numbers.writeInt32BE(1, 0)
  numbers.writeInt32BE(160, 4)
  return Buffer.concat([Buffer.of(0x22), sized('salt'), numbers, sized(Buffer.alloc(20))])
}
