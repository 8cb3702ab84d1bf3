import type { Scheme } from './scheme.ts'

/** An object identifier: numbers separated by dots, as `2.999.1` or `urn:oid:2.999.1` (ITU-T X.660, RFC 3061). */
export const oid: Scheme = {
  name: 'OID',
  source: 'ITU-T X.660; RFC 3061',
  recognise(text) {
    const [, arcs] = /^(?:urn:oid:|oid:)?([0-2](?:\.(?:0|[1-9]\d*))+)$/i.exec(text) ?? []
    if (arcs === undefined) return undefined
    const [root = '', second = '', ...rest] = arcs.split('.')
    const parts = { root, second, rest: rest.join('.') }
    const recognised = { scheme: 'OID', canonical: `oid:${arcs}`, broader: above(arcs), parts }
    // Below 0 and 1 there are forty arcs (X.660, section 7.6).
    if (root === '2' || Number(second) < 40) return recognised
    return { ...recognised, problem: `the second arc is ${second}; expected at most 39 below ${root}` }
  },
}

/** A decentralized identifier: `did:method:identifier` (W3C DID Core 1.0, section 3.1). */
export const did: Scheme = {
  name: 'DID',
  source: 'W3C Decentralized Identifiers (DIDs) 1.0',
  recognise(text) {
    const [, method, identifier] = /^did:([a-z0-9]+):([A-Za-z0-9._:%-]+)$/.exec(text) ?? []
    if (method === undefined || identifier === undefined) return undefined
    return { scheme: 'DID', canonical: text, broader: [], parts: { method, identifier } }
  },
}

/**
 * Ecode (物联网统一标识, GB/T 31866): a version, the number of the coding system, and the code within it, written here as
 * `ecode:VERSION.SYSTEM.CODE`: digits alone would be taken for a GTIN.
 */
export const ecode: Scheme = {
  name: 'Ecode',
  source: 'GB/T 31866',
  recognise(text) {
    const [, version, system, code] = /^(?:urn:)?ecode:(\d)\.(\d{1,5})\.(.+)$/i.exec(text) ?? []
    if (version === undefined || system === undefined || code === undefined) return undefined
    const padded = system.padStart(4, '0')
    const parts = { version, system: padded, code }
    const recognised = {
      scheme: 'Ecode',
      canonical: `ecode:${version}.${padded}.${code}`,
      broader: [],
      parts,
    }
    if (version >= '1' && version <= '4') return recognised
    return { ...recognised, problem: `the version is ${version}; expected 1 to 4` }
  },
}

/** `oid:2.999.1.2` has `oid:2.999.1` and `oid:2.999` above it. */
function above(arcs: string): string[] {
  const broader: string[] = []
  for (let end = arcs.lastIndexOf('.'); end > 1; end = arcs.lastIndexOf('.', end - 1))
    broader.push(`oid:${arcs.slice(0, end)}`)
  return broader
}
