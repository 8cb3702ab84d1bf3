/** One value of a record, as RFC 3651 section 3.1 defines it. */
export type HandleValue = {
  /** 1 … 2^31 − 1, unique in the record. */
  readonly index: number
  readonly type: string
  /** The raw octets; what they mean depends on `type`. */
  readonly data: Uint8Array
  readonly ttl: Ttl
  /** Unix seconds of the last change. */
  readonly timestampSeconds: number
  /** Bits of `permission`. */
  readonly permissions: number
  readonly references: readonly ValueReference[]
}

/** How long a value may be cached: seconds from the answer, or until a moment in Unix seconds. */
export type Ttl =
  | { readonly kind: 'relative'; readonly seconds: number }
  | { readonly kind: 'absolute'; readonly atSeconds: number }

/** A value of another record, named by its handle and index. */
export type ValueReference = { readonly handle: string; readonly index: number }

/** A handle with its values, in the order of their indexes, as the reference server keeps them. */
export type HandleRecord = {
  /** The spelling with which it was registered. */
  readonly handle: string
  readonly values: readonly HandleValue[]
}

/** Who may do what with a value; the JSON form `1110` lists them in this order. */
export const permission = { adminRead: 8, adminWrite: 4, publicRead: 2, publicWrite: 1 } as const

export const defaultPermissions = permission.adminRead | permission.adminWrite | permission.publicRead
export const defaultTtl: Ttl = { kind: 'relative', seconds: 86_400 }

/** Limits of the protocol (RFC 3652 and the reference implementation): both JSON and binary input stay within them. */
export const recordLimits = {
  valuesMax: 2048,
  dataBytesMax: 1 << 20,
  typeBytesMax: 1024,
  referencesMax: 1024,
  indexMax: 2_147_483_647,
} as const

/** The values in ascending order of their indexes; the same array where they are so already. */
export function inIndexOrder<Value extends { readonly index: number }>(
  values: readonly Value[],
): readonly Value[] {
  const isOrdered = values.every(
    (value, place) => place === 0 || value.index > (values[place - 1]?.index ?? 0),
  )
  return isOrdered ? values : values.toSorted((left, right) => left.index - right.index)
}

/** Whether the public may read it. */
export function isPublic(value: HandleValue): boolean {
  return (value.permissions & permission.publicRead) !== 0
}

/** The types whose data has a structure of its own. */
export const structuredTypes = {
  admin: 'HS_ADMIN',
  vlist: 'HS_VLIST',
  site: 'HS_SITE',
  sitePrefix: 'HS_SITE.PREFIX',
  secretKey: 'HS_SECKEY',
  publicKey: 'HS_PUBKEY',
} as const
