/** Operations of the native protocol (RFC 3652 section 2.2.2.1; 300 to 302 as the reference implementation numbers them). */
export const operations = {
  resolve: 1,
  getSiteInfo: 2,
  createHandle: 100,
  deleteHandle: 101,
  addValue: 102,
  removeValue: 103,
  modifyValue: 104,
  listHandles: 105,
  listDerivedPrefixes: 106,
  answerChallenge: 200,
  homePrefix: 300,
  unhomePrefix: 301,
  listHomedPrefixes: 302,
  setUpSession: 400,
  endSession: 401,
  exchangeSessionKey: 402,
} as const

/** Bits of opFlags (RFC 3652 section 2.2.2.3) that this node reads or sets. */
export const opFlag = {
  authoritative: 0x8000_0000,
  certified: 0x4000_0000,
  encrypted: 0x2000_0000,
  recursive: 0x1000_0000,
  continuous: 0x0400_0000,
  keepAlive: 0x0200_0000,
  publicOnly: 0x0100_0000,
  requestDigest: 0x0080_0000,
  overwrite: 0x0040_0000,
  mintSuffix: 0x0020_0000,
  doNotRefer: 0x0010_0000,
} as const

/** Whether a message carries a flag of `opFlag`. */
export function hasFlag(message: { readonly opFlags: number }, flag: number): boolean {
  return (message.opFlags & flag) !== 0
}

/** Bits of the envelope's flags. */
export const envelopeFlag = { compressed: 0x80, encrypted: 0x40, truncated: 0x20 } as const

/** Response codes that are no errors; the error table has the others. */
export const responseCode = {
  success: 1,
  error: 2,
  valuesNotFound: 200,
  serviceReferral: 302,
  prefixReferral: 303,
  challenge: 402,
} as const

export const envelopeBytes = 20
export const headerBytes = 24
/** The longest message that may be sent, its envelope apart. */
export const messageBytesMax = 262_144
/** The longest UDP packet with its envelope. */
export const packetBytesMax = 512
/** The newest version spoken here; minors from 1 are understood. */
export const protocolVersion = { major: 2, minor: 11 } as const
/** How long an answer may be taken for fresh, as its expiration says. */
export const answerLifeSeconds = 12 * 3600
