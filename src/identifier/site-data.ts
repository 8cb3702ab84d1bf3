import { isIPv6 } from 'node:net'
import { BufferReader, EncodingError } from './buffer-reader.ts'
import { type HandleValue, structuredTypes } from './value.ts'

/** Where a prefix is served: the data of HS_SITE and HS_SITE.PREFIX values (RFC 3651 section 3.2.2). */
export type SiteData = {
  readonly version: number
  readonly protocolVersion: { readonly major: number; readonly minor: number }
  readonly serialNumber: number
  readonly primarySite: boolean
  readonly multiPrimary: boolean
  readonly hashOption: (typeof hashOptions)[number]
  readonly hashFilter: string
  readonly attributes: readonly { readonly name: string; readonly value: string }[]
  readonly servers: readonly SiteServer[]
}

/** One server of a site. The address is an IPv4 or IPv6 literal; the key is the binary form of `key-data.ts`. */
export type SiteServer = {
  readonly serverId: number
  readonly address: string
  readonly publicKey: Uint8Array
  readonly interfaces: readonly SiteInterface[]
}

/** One port of a server: whom it serves (administration, queries or both) and over what. */
export type SiteInterface = {
  readonly admin: boolean
  readonly query: boolean
  readonly protocol: (typeof transports)[number]
  readonly port: number
}

/** What a site may hold: JSON input stays within what the binary form is read with. */
export const siteLimits = { textBytesMax: 4096, listMax: 1024, keyBytesMax: 16_384 } as const

export const hashOptions = ['prefix', 'suffix', 'all'] as const
export const transports = ['UDP', 'TCP', 'HTTP', 'HTTPS'] as const

/** Encodes in the layout that the golden vector of HS_SITE shows. */
export function encodeSiteData(site: SiteData): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt16BE(site.version, 0)
  head.writeUInt8(site.protocolVersion.major, 2)
  head.writeUInt8(site.protocolVersion.minor, 3)
  head.writeUInt16BE(site.serialNumber, 4)
  head.writeUInt8(
    (site.primarySite ? siteFlag.primary : 0) | (site.multiPrimary ? siteFlag.multiPrimary : 0),
    6,
  )
  head.writeUInt8(hashOptions.indexOf(site.hashOption), 7)
  const attributes = site.attributes.flatMap((attribute) => [sized(attribute.name), sized(attribute.value)])
  const servers = site.servers.map(encodeServer)
  return Buffer.concat([
    head,
    sized(site.hashFilter),
    int32(site.attributes.length),
    ...attributes,
    int32(servers.length),
    ...servers,
  ])
}

/** @throws EncodingError when the bytes are no site. */
export function decodeSiteData(bytes: Uint8Array): SiteData {
  const reader = new BufferReader(bytes)
  const version = reader.uint16('site version')
  const protocolVersion = { major: reader.uint8('protocol major'), minor: reader.uint8('protocol minor') }
  const serialNumber = reader.uint16('site serial number')
  const flags = reader.uint8('site flags')
  const hashOption = hashOptions[reader.uint8('hash option')] ?? 'all'
  const hashFilter = reader.string('hash filter', siteLimits.textBytesMax)
  const attributes = []
  const attributeCount = reader.count('number of attributes', {
    countMax: siteLimits.listMax,
    itemBytesMin: 8,
  })
  for (let position = 0; position < attributeCount; position++) {
    const name = reader.string('attribute name', siteLimits.textBytesMax)
    attributes.push({ name, value: reader.string('attribute value', siteLimits.textBytesMax) })
  }
  const servers: SiteServer[] = []
  const serverCount = reader.count('number of servers', { countMax: siteLimits.listMax, itemBytesMin: 28 })
  for (let position = 0; position < serverCount; position++) servers.push(readServer(reader))
  reader.end('site')
  return {
    version,
    protocolVersion,
    serialNumber,
    primarySite: (flags & siteFlag.primary) !== 0,
    multiPrimary: (flags & siteFlag.multiPrimary) !== 0,
    hashOption,
    hashFilter,
    attributes,
    servers,
  }
}

/** The sites among the values of a referral, in their order; one that cannot be read leads nowhere. */
export function sitesIn(values: readonly HandleValue[]): SiteData[] {
  return values
    .filter(({ type }) => siteTypes.has(type.toUpperCase()))
    .flatMap(({ data }) => {
      try {
        return [decodeSiteData(data)]
      } catch (error) {
        if (error instanceof EncodingError) return []
        throw error
      }
    })
}

/** Whether the data of a value of a referral is a service handle, whose own record has the sites. */
export function isService({ type }: HandleValue): boolean {
  return serviceTypes.has(type.toUpperCase())
}

const siteTypes: ReadonlySet<string> = new Set([structuredTypes.site, structuredTypes.sitePrefix])
const serviceTypes: ReadonlySet<string> = new Set(['HS_SERV', 'HS_SERV.PREFIX'])
const siteFlag = { primary: 0x80, multiPrimary: 0x40 } as const
const loopback = Buffer.of(...Array<number>(15).fill(0), 1)
const interfaceFlag = { admin: 1, query: 2 } as const

function encodeServer(server: SiteServer): Buffer {
  const interfaces = server.interfaces.map((face) => {
    const kind = (face.admin ? interfaceFlag.admin : 0) | (face.query ? interfaceFlag.query : 0)
    return Buffer.concat([Buffer.of(kind, transports.indexOf(face.protocol)), int32(face.port)])
  })
  return Buffer.concat([
    int32(server.serverId),
    addressBytes(server.address),
    int32(server.publicKey.length),
    server.publicKey,
    int32(interfaces.length),
    ...interfaces,
  ])
}

function readServer(reader: BufferReader): SiteServer {
  const serverId = reader.int32('server id')
  const address = addressText(reader.raw(16, 'server address'))
  const publicKey = reader.bytes('public key of server', siteLimits.keyBytesMax)
  const interfaces: SiteInterface[] = []
  const count = reader.count('number of interfaces', { countMax: siteLimits.listMax, itemBytesMin: 6 })
  for (let position = 0; position < count; position++) {
    const kind = reader.uint8('interface type')
    const protocol = transports[reader.uint8('interface transport')] ?? 'TCP'
    const port = reader.int32('interface port')
    interfaces.push({
      admin: (kind & interfaceFlag.admin) !== 0,
      query: (kind & interfaceFlag.query) !== 0,
      protocol,
      port,
    })
  }
  return { serverId, address, publicKey, interfaces }
}

// IPv4 stands in the last four of sixteen bytes with zeros before it, as the reference implementation writes it.
function addressBytes(address: string): Buffer {
  const target = Buffer.alloc(16)
  if (!isIPv6(address)) {
    address.split('.').forEach((octet, position) => {
      target[12 + position] = Number(octet)
    })
    return target
  }
  const [head = '', tail] = address.split('::')
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'))
  const left = groups(head)
  const right = tail === undefined ? [] : groups(tail)
  left.forEach((group, position) => {
    target.writeUInt16BE(Number.parseInt(group, 16), position * 2)
  })
  right.forEach((group, position) => {
    target.writeUInt16BE(Number.parseInt(group, 16), (8 - right.length + position) * 2)
  })
  return target
}

function addressText(bytes: Buffer): string {
  // ::1 would otherwise read as 0.0.0.1, which is no server's address.
  if (bytes.equals(loopback)) return '::1'
  if (bytes.subarray(0, 12).every((byte) => byte === 0)) return bytes.subarray(12).join('.')
  const groups = Array.from({ length: 8 }, (_, position) => bytes.readUInt16BE(position * 2).toString(16))
  return groups.join(':')
}

function int32(value: number): Buffer {
  const target = Buffer.alloc(4)
  target.writeInt32BE(value, 0)
  return target
}

function sized(text: string): Buffer {
  return Buffer.concat([int32(Buffer.byteLength(text)), Buffer.from(text)])
}
