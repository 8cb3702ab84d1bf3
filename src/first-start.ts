import { randomBytes } from 'node:crypto'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { StartupError } from './errors.ts'
import { allAdminPermissions, encodeAdminData } from './identifier/admin-data.ts'
import { parseHandle, prefixRecordHandle } from './identifier/handle.ts'
import { decodeRecord, encodeRecord } from './identifier/record-encoding.ts'
import {
  defaultPermissions,
  defaultTtl,
  type HandleValue,
  permission,
  structuredTypes,
} from './identifier/value.ts'
import type { Mutation, MutationResult, Store } from './store/store.ts'

/** What the operator must know after a first start; the secret is told only when no file holds it. */
export type Administrator = {
  readonly prefix: string
  /** The user name of Basic authentication before percent-encoding: `300:88.118/ADMIN`. */
  readonly user: string
  readonly secret: string | undefined
}

/** Index of the administrator's HS_SECKEY value, as the reference server's tools number it. */
export const adminSecretIndex = 300

/**
 * Homes each prefix that has no record yet: writes `0.NA/prefix` and `prefix/ADMIN` with one secret for all of them.
 * Returns an administrator for each prefix that was new; prefixes that are already here are left as they are. A store that
 * keeps some records and fails for others is told of first: nobody learns the secrets of those later.
 */
export async function homePrefixes(
  store: Store,
  options: {
    readonly prefixes: readonly string[]
    readonly adminSecretFile: string | undefined
    readonly timestampSeconds: number
    whenHomed?(administrators: readonly Administrator[]): void
  },
): Promise<readonly Administrator[]> {
  const missing: string[] = []
  for (const prefix of options.prefixes) {
    const record = await store.get(parseHandle(prefixRecordHandle(prefix)).key)
    if (record === undefined) missing.push(prefix)
  }
  if (missing.length === 0) return []
  const { secret, isInFile } = await secretFrom(options.adminSecretFile)
  const mutations = missing.flatMap((prefix) => prefixRecords(prefix, secret, options.timestampSeconds))
  const results = await store.commit(mutations)
  // Another node over the same store may start at the same time: whose administrator was first is told by that one.
  const homed = missing.filter((_, place) => mayBeMade(results[place * recordsOfPrefix]))
  const administrators = homed.map((prefix) => ({
    prefix,
    user: userOf(prefix),
    secret: isInFile ? undefined : secret,
  }))
  options.whenHomed?.(administrators)
  const failure = results.find((result) => result.failure !== undefined)?.failure
  if (failure !== undefined) throw failure
  return administrators
}

function mayBeMade(result: MutationResult | undefined): boolean {
  return result?.applied === true || result?.failure?.code === 'STORE_OUTCOME_UNKNOWN'
}

const secretBytes = 24

async function secretFrom(path: string | undefined): Promise<{ secret: string; isInFile: boolean }> {
  const fresh = randomBytes(secretBytes).toString('base64url')
  if (path === undefined) return { secret: fresh, isInFile: false }
  try {
    await writeFile(path, `${fresh}\n`, { flag: 'wx', mode: 0o600 })
    await chmod(path, 0o600)
    return { secret: fresh, isInFile: true }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new StartupError(
        'CONFIG_INVALID',
        `--admin-secret-file "${path}" cannot be written: ${String(cause)}`,
      )
    }
  }
  const secret = await secretIn(path)
  if (secret === '') {
    throw new StartupError(
      'CONFIG_INVALID',
      `--admin-secret-file "${path}" is empty; expected a secret on one line`,
    )
  }
  return { secret, isInFile: true }
}

/** @throws StartupError CONFIG_INVALID */
async function secretIn(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (cause) {
    const problem = `--admin-secret-file "${path}" cannot be read: ${(cause as Error).message}`
    throw new StartupError('CONFIG_INVALID', problem, { cause })
  }
}

/**
 * Where the secret file does not hold what the prefixes here were homed with, in a sentence each: it counts at the first
 * start alone, and whoever gives another later must not believe that it does.
 */
export async function secretFileDoubts(
  store: Store,
  { prefixes, adminSecretFile: path }: { prefixes: readonly string[]; adminSecretFile: string | undefined },
): Promise<readonly string[]> {
  if (path === undefined) return []
  try {
    const secret = Buffer.from(await secretIn(path))
    const stored = await Promise.all(prefixes.map((prefix) => storedSecret(store, prefix)))
    const others = prefixes.filter((_, place) => stored[place]?.equals(secret) !== true)
    return others.map(
      (prefix) =>
        `--admin-secret-file "${path}" holds another secret than ${userOf(prefix)} has; the file counts only when a prefix is homed`,
    )
  } catch (error) {
    if (!(error instanceof StartupError)) throw error
    return [`${error.message}; the prefixes here keep the secrets that they were homed with`]
  }
}

async function storedSecret(store: Store, prefix: string): Promise<Buffer | undefined> {
  const record = await store.get(parseHandle(`${prefix}/ADMIN`).key)
  if (record === undefined) return undefined
  const { values } = decodeRecord(record)
  const secret = values.find(
    ({ index, type }) => index === adminSecretIndex && type === structuredTypes.secretKey,
  )
  return secret === undefined ? undefined : Buffer.from(secret.data)
}

function userOf(prefix: string): string {
  return `${adminSecretIndex}:${prefix}/ADMIN`
}

const recordsOfPrefix = 2

/** The administrator first: its record decides whose secret holds. */
function prefixRecords(prefix: string, secret: string, timestampSeconds: number): Mutation[] {
  const adminHandle = `${prefix}/ADMIN`
  const value = (index: number, type: string, data: Buffer, permissions: number): HandleValue => ({
    index,
    type,
    data,
    ttl: defaultTtl,
    timestampSeconds,
    permissions,
    references: [],
  })
  const administration = value(
    100,
    structuredTypes.admin,
    encodeAdminData({ handle: adminHandle, index: adminSecretIndex, permissions: allAdminPermissions }),
    defaultPermissions,
  )
  const secretKey = value(
    adminSecretIndex,
    structuredTypes.secretKey,
    Buffer.from(secret),
    permission.adminRead | permission.adminWrite,
  )
  return [put(adminHandle, [administration, secretKey]), put(prefixRecordHandle(prefix), [administration])]
}

function put(handle: string, values: readonly HandleValue[]): Mutation {
  return {
    key: parseHandle(handle).key,
    value: encodeRecord({ handle, values }),
    precondition: { kind: 'absent' },
  }
}
