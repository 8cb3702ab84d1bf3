import { isUtf8 } from 'node:buffer'
import { type AdminData, adminPermissionDigits, decodeAdminData, decodeVlistData } from './admin-data.ts'
import { EncodingError } from './buffer-reader.ts'
import { decodeKeyData } from './key-data.ts'
import { decodeSiteData, type SiteData } from './site-data.ts'
import { defaultPermissions, type HandleValue, structuredTypes, type Ttl } from './value.ts'

/** The `values` array of the Handle JSON API as text, built without an intermediate object for each value. */
export function valuesToJson(values: readonly HandleValue[]): string {
  let text = '['
  for (const value of values) {
    if (text.length > 1) text += ','
    text += valueToJson(value)
  }
  return `${text}]`
}

/** One value of the Handle JSON API as text; permissions and references appear only where they are not the default. */
export function valueToJson(value: HandleValue): string {
  const permissions =
    value.permissions === defaultPermissions ? '' : `,"permissions":"${bits(value.permissions, 4)}"`
  const references = value.references.length === 0 ? '' : `,"references":${JSON.stringify(value.references)}`
  return (
    `{"index":${value.index},"type":${JSON.stringify(value.type)},"data":${dataToJson(value)}${permissions}` +
    `,"ttl":${ttlToJson(value.ttl)},"timestamp":"${isoSeconds(value.timestampSeconds)}"${references}}`
  )
}

/** `2026-11-23T21:36:02Z`: UTC, whole seconds, as clients of the reference server parse it. */
export function isoSeconds(unixSeconds: number): string {
  if (unixSeconds !== lastSecond.unixSeconds) {
    lastSecond.text = `${new Date(unixSeconds * 1000).toISOString().slice(0, 19)}Z`
    lastSecond.unixSeconds = unixSeconds
  }
  return lastSecond.text
}

// Values of one record share their timestamp, and records registered together do too.
const lastSecond = { unixSeconds: 0, text: '1970-01-01T00:00:00Z' }

function ttlToJson(ttl: Ttl): string {
  return ttl.kind === 'relative' ? String(ttl.seconds) : `"${isoSeconds(ttl.atSeconds)}"`
}

function dataToJson(value: HandleValue): string {
  return structuredToJson(value) ?? plainToJson(value.data)
}

function plainToJson(data: Uint8Array): string {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const text = isUtf8(bytes) ? bytes.toString('utf8') : undefined
  if (text === undefined || binaryControl.test(text)) {
    return `{"format":"base64","value":"${bytes.toString('base64')}"}`
  }
  return `{"format":"string","value":${JSON.stringify(text)}}`
}

/** Undefined when the type has no structure or the bytes are not of it: such data is shown as it is. */
function structuredToJson(value: HandleValue): string | undefined {
  if (!value.type.startsWith('HS_')) return undefined
  try {
    switch (value.type) {
      case structuredTypes.admin:
        return structured('admin', adminToJson(decodeAdminData(value.data)))
      case structuredTypes.vlist:
        return structured('vlist', decodeVlistData(value.data))
      case structuredTypes.site:
      case structuredTypes.sitePrefix:
        return structured('site', siteToJson(decodeSiteData(value.data)))
      case structuredTypes.publicKey:
        return structured('key', decodeKeyData(value.data))
    }
  } catch (error) {
    if (!(error instanceof EncodingError)) throw error
  }
  return undefined
}

function structured(format: string, value: unknown): string {
  return `{"format":"${format}","value":${JSON.stringify(value)}}`
}

function adminToJson(admin: AdminData): unknown {
  return {
    handle: admin.handle,
    index: admin.index,
    permissions: bits(admin.permissions, adminPermissionDigits),
  }
}

/** The JSON form of a site, which `GET /api/site` and HS_SITE values share. */
export function siteToJson(site: SiteData): unknown {
  return {
    version: site.version,
    protocolVersion: `${site.protocolVersion.major}.${site.protocolVersion.minor}`,
    serialNumber: site.serialNumber,
    primarySite: site.primarySite,
    multiPrimary: site.multiPrimary,
    ...(site.hashOption === 'all' ? {} : { hashOption: site.hashOption }),
    ...(site.hashFilter === '' ? {} : { hashFilter: site.hashFilter }),
    attributes: site.attributes,
    servers: site.servers.map((server) => ({
      serverId: server.serverId,
      address: server.address,
      ...(server.publicKey.length === 0
        ? {}
        : { publicKey: { format: 'key', value: decodeKeyData(server.publicKey) } }),
      interfaces: server.interfaces.map((face) => ({
        query: face.query,
        admin: face.admin,
        protocol: face.protocol,
        port: face.port,
      })),
    })),
  }
}

function bits(value: number, digits: number): string {
  return value.toString(2).padStart(digits, '0')
}

// A control character other than tab, line feed and carriage return: text does not hold one.
const binaryControl = /[^\P{Cc}\t\n\r]/u
