import { isIP } from 'node:net'
import { adminPermissionDigits, allAdminPermissions, encodeAdminData, encodeVlistData } from './admin-data.ts'
import { handleBytesLimit } from './handle.ts'
import { boundedText, indexFromJson, invalid, isObject, referencesFromJson } from './input-fields.ts'
import { encodeKeyData, type PublicKeyJwk } from './key-data.ts'
import {
  encodeSiteData,
  hashOptions,
  type SiteData,
  type SiteInterface,
  type SiteServer,
  siteLimits,
  transports,
} from './site-data.ts'

/**
 * The octets of a value from its JSON `data`: a bare primitive means format `string`; an object names its format.
 * @throws HandleError INVALID_VALUE naming the field.
 */
export function dataFromJson(input: unknown, field: string): Buffer {
  if (typeof input === 'string') return textData(input, field)
  if (typeof input === 'number' || typeof input === 'boolean') return Buffer.from(String(input))
  if (!isObject(input)) throw invalid(field, input, 'a string, a number, true, false or {"format","value"}')
  const format = input.format
  if (typeof format !== 'string' || !Object.hasOwn(formats, format)) {
    throw invalid(`${field}.format`, format, `one of ${Object.keys(formats).join(', ')}`)
  }
  return formats[format as DataFormat](input.value, `${field}.value`)
}

/** The formats of `data`, by the name that the JSON uses. */
const formats = {
  string: (value, field) =>
    typeof value === 'string' ? textData(value, field) : textData(primitive(value, field), field),
  base64: (value, field) => Buffer.from(matching(value, field, base64Text, 'base64'), 'base64'),
  hex: (value, field) =>
    Buffer.from(matching(value, field, /^(?:[0-9a-fA-F]{2})*$/, 'pairs of hexadecimal digits'), 'hex'),
  admin: (value, field) => adminFromJson(value, field),
  vlist: (value, field) => encodeVlistData(referencesFromJson(value, field)),
  site: (value, field) => siteFromJson(value, field),
  key: (value, field) => encodeKeyData(keyFromJson(value, field)),
} as const satisfies Record<string, (value: unknown, field: string) => Buffer>
type DataFormat = keyof typeof formats

const base64Text = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/

function textData(text: string, field: string): Buffer {
  if (!text.isWellFormed()) throw invalid(field, 'text with an unpaired surrogate', 'well-formed Unicode')
  return Buffer.from(text)
}

function primitive(value: unknown, field: string): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw invalid(field, value, 'a string')
}

function matching(value: unknown, field: string, pattern: RegExp, expected: string): string {
  if (typeof value !== 'string' || !pattern.test(value)) throw invalid(field, value, expected)
  return value
}

function adminFromJson(value: unknown, field: string): Buffer {
  if (!isObject(value) || typeof value.handle !== 'string') {
    throw invalid(field, value, '{"handle":"…","index":n,"permissions":"twelve digits"}')
  }
  const digits = value.permissions ?? allAdminPermissions.toString(2)
  matching(digits, `${field}.permissions`, /^[01]{12}$/, `${adminPermissionDigits} digits 0 or 1`)
  const index = indexFromJson(value.index, `${field}.index`)
  const handle = boundedText(value.handle, `${field}.handle`, handleBytesLimit)
  return encodeAdminData({ handle, index, permissions: Number.parseInt(String(digits), 2) })
}

function siteFromJson(value: unknown, field: string): Buffer {
  if (!isObject(value)) throw invalid(field, value, 'a site object with servers')
  const attributes = list(value.attributes ?? [], `${field}.attributes`).map((item, position) => {
    if (!isObject(item) || typeof item.name !== 'string' || typeof item.value !== 'string') {
      throw invalid(`${field}.attributes[${position}]`, item, '{"name":"…","value":"…"}')
    }
    const name = `${field}.attributes[${position}]`
    return {
      name: boundedText(item.name, `${name}.name`, siteLimits.textBytesMax),
      value: boundedText(item.value, `${name}.value`, siteLimits.textBytesMax),
    }
  })
  return encodeSiteData({
    version: integer(value.version ?? 1, `${field}.version`, 0xffff),
    protocolVersion: protocolVersionFromJson(value.protocolVersion ?? '2.10', `${field}.protocolVersion`),
    serialNumber: integer(value.serialNumber ?? 1, `${field}.serialNumber`, 0xffff),
    primarySite: flag(value.primarySite, `${field}.primarySite`),
    multiPrimary: flag(value.multiPrimary, `${field}.multiPrimary`),
    hashOption: oneOf(value.hashOption ?? 'all', `${field}.hashOption`, hashOptions),
    hashFilter: boundedText(value.hashFilter ?? '', `${field}.hashFilter`, siteLimits.textBytesMax),
    attributes,
    servers: list(value.servers ?? [], `${field}.servers`).map((item, position) =>
      serverFromJson(item, `${field}.servers[${position}]`),
    ),
  })
}

function protocolVersionFromJson(value: unknown, field: string): SiteData['protocolVersion'] {
  const [, major, minor] = /^(\d{1,3})\.(\d{1,3})$/.exec(typeof value === 'string' ? value : '') ?? []
  if (major === undefined || minor === undefined || Number(major) > 0xff || Number(minor) > 0xff) {
    throw invalid(field, value, 'a version such as 2.10')
  }
  return { major: Number(major), minor: Number(minor) }
}

function serverFromJson(item: unknown, field: string): SiteServer {
  if (!isObject(item)) throw invalid(field, item, 'a server object with serverId, address and interfaces')
  const address = item.address
  const isLiteral = typeof address === 'string' && isIP(address) !== 0 && !/:.*\.|%/.test(address)
  if (!isLiteral) throw invalid(`${field}.address`, address, 'an IPv4 or IPv6 address')
  return {
    serverId: integer(item.serverId, `${field}.serverId`, 0x7fff_ffff),
    address,
    publicKey:
      item.publicKey === undefined
        ? Buffer.alloc(0)
        : publicKeyFromJson(item.publicKey, `${field}.publicKey`),
    interfaces: list(item.interfaces ?? [], `${field}.interfaces`).map((face, position) =>
      interfaceFromJson(face, `${field}.interfaces[${position}]`),
    ),
  }
}

// Only a key: a site in the place of a key could hold another one, as deep as the body is long.
function publicKeyFromJson(input: unknown, field: string): Buffer {
  if (!isObject(input) || input.format !== 'key') throw invalid(field, input, '{"format":"key","value":…}')
  const key = encodeKeyData(keyFromJson(input.value, `${field}.value`))
  if (key.length <= siteLimits.keyBytesMax) return key
  throw invalid(field, `${key.length} bytes`, `at most ${siteLimits.keyBytesMax} bytes`)
}

function interfaceFromJson(item: unknown, field: string): SiteInterface {
  if (!isObject(item)) throw invalid(field, item, '{"query","admin","protocol","port"}')
  return {
    query: flag(item.query, `${field}.query`),
    admin: flag(item.admin, `${field}.admin`),
    protocol: oneOf(item.protocol, `${field}.protocol`, transports),
    port: integer(item.port, `${field}.port`, 0xffff),
  }
}

function keyFromJson(value: unknown, field: string): PublicKeyJwk {
  if (isObject(value)) {
    const text = (name: string): string =>
      matching(value[name], `${field}.${name}`, /^[A-Za-z0-9_-]+$/, 'base64url')
    if (value.kty === 'RSA') return { kty: 'RSA', n: text('n'), e: text('e') }
    if (value.kty === 'DSA') return { kty: 'DSA', y: text('y'), p: text('p'), q: text('q'), g: text('g') }
  }
  throw invalid(field, value, 'a JSON Web Key with kty RSA or DSA')
}

function list(value: unknown, field: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length > siteLimits.listMax) {
    throw invalid(field, value, `an array of at most ${siteLimits.listMax}`)
  }
  return value
}

function integer(value: unknown, field: string, valueMax: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > valueMax) {
    throw invalid(field, value, `an integer from 0 to ${valueMax}`)
  }
  return value
}

function flag(value: unknown, field: string): boolean {
  if (value !== undefined && typeof value !== 'boolean') throw invalid(field, value, 'true or false')
  return value === true
}

function oneOf<Choice extends string>(value: unknown, field: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((candidate) => candidate === value)
  if (choice === undefined) throw invalid(field, value, `one of ${choices.join(', ')}`)
  return choice
}
