import { EncodingError } from '../identifier/buffer-reader.ts'
import { decodeRecord, encodeRecord } from '../identifier/record-encoding.ts'
import { defaultTtl, permission } from '../identifier/value.ts'
import type { AuditEntry, PrefixState } from './prefix-state.ts'

/**
 * States and audit entries lie in the store beside the records, under prefixes that no node homes, so that they are replicated,
 * committed and backed up with them and no resolution reads them.
 */
const statePrefix = '0.ERJI.PREFIX'
const auditPrefix = '0.ERJI.AUDIT'

export const stateKeyPrefix = `${statePrefix}/`

export function stateKey(prefix: string): string {
  return stateKeyPrefix + prefix
}

export function auditKeyPrefix(prefix: string): string {
  return `${auditPrefix}/${prefix}/`
}

/** Ten digits, so that entries are in the order of their revisions. */
export function auditKey(prefix: string, revision: number): string {
  return auditKeyPrefix(prefix) + String(revision).padStart(10, '0')
}

export function encodeState(state: PrefixState): Uint8Array {
  return encoded(stateKey(state.prefix), state)
}

export function decodeState(bytes: Uint8Array): PrefixState {
  return decoded(bytes) as PrefixState
}

export function encodeAudit(entry: AuditEntry): Uint8Array {
  return encoded(auditKey(entry.prefix, entry.revision), entry)
}

export function decodeAudit(bytes: Uint8Array): AuditEntry {
  return decoded(bytes) as AuditEntry
}

function encoded(handle: string, content: PrefixState | AuditEntry): Uint8Array {
  const at = 'at' in content ? content.at : content.since
  const value = {
    index: 1,
    type: 'ERJI_PREFIX',
    data: Buffer.from(JSON.stringify(content)),
    ttl: defaultTtl,
    timestampSeconds: Math.floor(Date.parse(at) / 1000),
    permissions: permission.adminRead,
    references: [],
  }
  return encodeRecord({ handle, values: [value] })
}

function decoded(bytes: Uint8Array): unknown {
  const [value] = decodeRecord(bytes).values
  if (value === undefined) throw new EncodingError('a record of a prefix holds no value')
  return JSON.parse(Buffer.from(value.data).toString('utf8'))
}
