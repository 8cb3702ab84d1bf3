import { HeapCache } from '../../src/cache/heap-cache.ts'
import { loadHomedPrefixes } from '../../src/homed-prefixes.ts'
import { adminPermission, encodeAdminData, encodeVlistData } from '../../src/identifier/admin-data.ts'
import { parseHandle } from '../../src/identifier/handle.ts'
import { encodeRecord } from '../../src/identifier/record-encoding.ts'
import {
  defaultPermissions,
  defaultTtl,
  type HandleValue,
  permission,
  type ValueReference,
} from '../../src/identifier/value.ts'
import type { ResolvedRecord } from '../../src/resolved-record.ts'
import { Resolver } from '../../src/resolver.ts'
import { newSessionMemory, SessionTable } from '../../src/session-table.ts'
import { Sessions } from '../../src/sessions.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { FakeClock } from './fake-clock.ts'

/** A resolver over just these records, each under the handle that names it. */
export async function resolverOver(
  records: Readonly<Record<string, readonly HandleValue[]>>,
): Promise<Resolver> {
  const store = new MemoryStore()
  await store.commit(
    Object.entries(records).map(([handle, values]) => ({
      key: parseHandle(handle).key,
      value: encodeRecord({ handle, values }),
      precondition: { kind: 'absent' },
    })),
  )
  const clock = new FakeClock()
  const cache = new HeapCache<ResolvedRecord>(
    { bytesMax: 1 << 20, negativeBytesMax: 1 << 16, negativeTtlSeconds: 60, entriesMax: 1000 },
    { clock },
  )
  return new Resolver({ cache, store, prefixes: await loadHomedPrefixes(store), clock })
}

/** Sessions of a node of its own over these records. */
export function sessionsOver(resolver: Resolver, clock = new FakeClock()): Sessions {
  return new Sessions({ table: new SessionTable(newSessionMemory()), resolver, clock })
}

/** An administrator by reference, with these rights and no other. */
export function administration(
  index: number,
  who: ValueReference,
  rights: readonly (keyof typeof adminPermission)[],
): HandleValue {
  const permissions = rights.reduce((bits, right) => bits | adminPermission[right], 0)
  return plainValue(index, 'HS_ADMIN', encodeAdminData({ ...who, permissions }))
}

/** A group of administrators. */
export function group(index: number, members: readonly ValueReference[]): HandleValue {
  return plainValue(index, 'HS_VLIST', encodeVlistData(members))
}

/** A secret that only its administrators may read. */
export function secretKey(index: number, secret: string): HandleValue {
  const permissions = permission.adminRead | permission.adminWrite
  return { ...plainValue(index, 'HS_SECKEY', Buffer.from(secret)), permissions }
}

/** A plain value that everybody may read. */
export function plainValue(index: number, type: string, data: Uint8Array): HandleValue {
  return {
    index,
    type,
    data,
    ttl: defaultTtl,
    timestampSeconds: 0,
    permissions: defaultPermissions,
    references: [],
  }
}
