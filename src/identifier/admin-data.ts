import { BufferReader } from './buffer-reader.ts'
import { handleBytesLimit } from './handle.ts'
import { encodedReferencesBytes, readReferences, writeReferences } from './record-encoding.ts'
import type { ValueReference } from './value.ts'

/** Who administers a record and what they may do: the data of an HS_ADMIN value (RFC 3651 section 3.2.1). */
export type AdminData = ValueReference & { readonly permissions: number }

/**
 * The twelve rights of an administrator. The JSON form writes them as twelve digits, the highest bit first:
 * `011111110011` lacks listing and both rights over derived prefixes.
 */
export const adminPermission = {
  addHandle: 0x001,
  deleteHandle: 0x002,
  addDerivedPrefix: 0x004,
  deleteDerivedPrefix: 0x008,
  modifyValue: 0x010,
  removeValue: 0x020,
  addValue: 0x040,
  modifyAdmin: 0x080,
  removeAdmin: 0x100,
  addAdmin: 0x200,
  readValue: 0x400,
  listHandles: 0x800,
} as const

export const adminPermissionDigits = 12
export const allAdminPermissions = 0xfff

/** `0fff`, the handle, the index: RFC 3651 section 3.2.1. */
export function encodeAdminData(admin: AdminData): Buffer {
  const handleBytes = Buffer.byteLength(admin.handle)
  const target = Buffer.allocUnsafe(10 + handleBytes)
  target.writeUInt16BE(admin.permissions, 0)
  target.writeInt32BE(handleBytes, 2)
  target.write(admin.handle, 6)
  target.writeUInt32BE(admin.index, 6 + handleBytes)
  return target
}

/** @throws EncodingError when the bytes are no HS_ADMIN data. */
export function decodeAdminData(bytes: Uint8Array): AdminData {
  const reader = new BufferReader(bytes)
  const permissions = reader.uint16('permissions of HS_ADMIN') & allAdminPermissions
  const handle = reader.string('handle of HS_ADMIN', handleBytesLimit)
  const index = reader.uint32('index of HS_ADMIN')
  reader.end('HS_ADMIN data')
  return { handle, index, permissions }
}

/** The list of administrators that an HS_VLIST value holds. */
export function encodeVlistData(references: readonly ValueReference[]): Buffer {
  const target = Buffer.allocUnsafe(encodedReferencesBytes(references))
  writeReferences(target, 0, references)
  return target
}

/** @throws EncodingError when the bytes are no HS_VLIST data. */
export function decodeVlistData(bytes: Uint8Array): readonly ValueReference[] {
  const reader = new BufferReader(bytes)
  const references = readReferences(reader)
  reader.end('HS_VLIST data')
  return references
}
