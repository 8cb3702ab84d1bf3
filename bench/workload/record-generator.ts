import { assert } from '../../src/support/assert.ts'
import { derivedHeads, headSlots } from './derived-prefixes.ts'
import { createDescriptions } from './record-description.ts'
import { createRecordHash } from './record-hash.ts'
import { kindsBySixteenths, type RecordField, type RecordKind, stemsPerKind } from './record-kinds.ts'
import type { RecordSizes } from './record-sizes.ts'

/** One generated identifier with its record, as the Handle HTTP JSON API carries it. */
export type GeneratedRecord = {
  readonly handle: string
  /** The JSON text of the array of values, byte for byte as it is sent when registering. */
  readonly valuesJson: string
}

/** What a mutation writes or deletes: `?index=` takes the indexes, the body of a PUT the values. */
type ChangedValues = { readonly indexes: readonly number[]; readonly valuesJson: string }

/**
 * Knows every identifier of a load without remembering any: a pure function of (seed, ordinal, revision), the same on
 * every machine, so that who registers, who resolves and who verifies need to share the seed only.
 *
 * Revision 0 is the record as registered. Each even revision holds the state value with a text of its own, each odd one
 * lacks the state value, so `value-put` leads to an even revision from whichever before, `value-add` to an even one from an
 * odd one, and `value-delete` the other way.
 */
export interface RecordGenerator {
  /** Under which all its handles are. */
  readonly prefix: string
  handleOf(ordinal: number): string
  /** A handle of the same shape that is never registered: a counterfeit code, whose check character is wrong. */
  absentHandleOf(ordinal: number): string
  recordOf(ordinal: number, revision: number): GeneratedRecord
  /** What a mutation to `revision` puts (even) or deletes (odd, where there is nothing to put). */
  changedValuesOf(ordinal: number, revision: number): ChangedValues
  /** The `?type=` of a resolve-type operation. */
  askedTypeOf(ordinal: number): string
  /** The `?index=` of a resolve-index operation. */
  askedIndexOf(ordinal: number): number
  /** Whether a node may add HS_ADMIN values of its own that verification overlooks. */
  readonly toleratesAddedAdmin: boolean
}

export type RecordGeneratorOptions = {
  readonly seed: number
  /** Under which all identifiers are, such as `88.118.8`. */
  readonly prefix: string
  /** Adds an HS_ADMIN value at index 100 that names this handle, for nodes that want one in each record. */
  readonly adminHandle?: string
  readonly adminIndex?: number
  /** Into how many derived prefixes, `PREFIX.1` and so on, the identifiers are divided, unevenly; none unless above 1. */
  readonly derivedPrefixes?: number
  readonly toleratesAddedAdmin?: boolean
  /** How long a description each record carries at index 6; none unless given. */
  readonly sizes?: RecordSizes
}

/** Ordinals are below this: eight characters of five bits each. */
export const ordinalsMax = 2 ** 40

/** Where each record keeps what changes while the thing lives. */
export const stateIndex = 5

/** Whether the record has its state value at this revision. */
export function hasState(revision: number): boolean {
  return revision % 2 === 0
}

/** Creates the generator of one load. */
export function createRecordGenerator(options: RecordGeneratorOptions): RecordGenerator {
  const { seed, prefix, toleratesAddedAdmin = false } = options
  const hash = createRecordHash(seed)
  const hashOf = hash.identity
  const heads = derivedHeads(options)
  // One prefix is part of the stems, which saves joining it to each handle.
  const kinds = kindsBySixteenths.map((kind) => compile(kind, heads === undefined ? `${prefix}/` : ''))
  const admin = adminJson(options)
  const descriptionOf = createDescriptions(options.sizes)

  const kindOf = (identity: number): CompiledKind => at(kinds, identity >>> 28)
  const headOf = (identity: number): string =>
    heads === undefined ? '' : at(at(heads, identity >>> 28), (identity >>> 16) & (headSlots - 1))
  const handleWith = (identity: number, code: string, check: number): string =>
    headOf(identity) + at(kindOf(identity).stems, identity & (stemsPerKind - 1)) + code + at(digits, check)

  const handleOf = (ordinal: number): string => {
    const identity = hashOf(ordinal)
    return handleWith(identity, codeOf(ordinal), checkOf(identity))
  }
  const stateOf = (identity: number, revision: number): string =>
    stateJson(kindOf(identity), hash.state(identity, revision) & 7, revision)

  return {
    prefix,
    toleratesAddedAdmin,
    handleOf,
    absentHandleOf: (ordinal) => {
      const identity = hashOf(ordinal)
      return handleWith(identity, codeOf(ordinal), checkOf(identity) ^ absentCheckMask)
    },
    recordOf: (ordinal, revision) => {
      const identity = hashOf(ordinal)
      const code = codeOf(ordinal)
      const changing = hasState(revision) ? stateOf(identity, revision) : ''
      const content = hash.content(identity)
      const lasting = lastingJson(kindOf(identity), content, code)
      const separator = changing === '' ? '' : ','
      return {
        handle: handleWith(identity, code, checkOf(identity)),
        valuesJson: `[${lasting}${separator}${changing}${descriptionOf(content)}${admin}]`,
      }
    },
    changedValuesOf: (ordinal, revision) => ({
      indexes: [stateIndex],
      valuesJson: hasState(revision) ? `[${stateOf(hashOf(ordinal), revision)}]` : '[]',
    }),
    askedTypeOf: () => 'URL',
    askedIndexOf: (ordinal) => (ordinal % 4 === 0 ? stateIndex : 1),
  }
}

/** A kind with every fragment of JSON ready, so that a record is a few concatenations. */
type CompiledKind = {
  readonly stems: readonly string[]
  readonly urlStart: string
  readonly urlEnd: string
  readonly names: readonly string[]
  readonly firstCodes: readonly string[]
  readonly secondCodes: readonly string[]
  readonly states: readonly string[]
  readonly stateEnd: string
}

/** The check character of an identifier, as the number of a digit. */
export function checkOf(identity: number): number {
  return (identity >>> 8) & 31
}

/**
 * Characters of serials, in ASCII order: Crockford's base 32, upper case only, because identifiers are compared without
 * ASCII case, so serials must not differ in it.
 */
export const digits: readonly string[] = [...'0123456789ABCDEFGHJKMNPQRSTVWXYZ']
const digitPairs = digits.flatMap((first) => digits.map((second) => first + second))
const absentCheckMask = 0b10101
const valueEnd = '"}}'

/**
 * Which of the fields 2, 3 and 4 (bits 0, 1 and 2) a record has, by five bits: most records have one, few have all, which keeps the
 * mean of a record between 200 and 300 bytes of JSON.
 */
export const fieldSets: readonly number[] = [
  0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 4, 4, 4, 3, 5, 6, 7,
]

function compile(kind: RecordKind, head: string): CompiledKind {
  const [name, firstCode, secondCode] = kind.fields
  return {
    stems: kind.stems.map((stem) => head + stem),
    urlStart: valueStart(1, 'URL', kind.urlBase),
    urlEnd: valueEndWith(kind.urlTtlSeconds),
    names: fragments(2, name),
    firstCodes: fragments(3, firstCode),
    secondCodes: fragments(4, secondCode),
    states: kind.state.words.map((word) => valueStart(stateIndex, kind.state.type, word)),
    stateEnd: valueEndWith(kind.state.ttlSeconds),
  }
}

function fragments(index: number, field: RecordField): readonly string[] {
  return field.words.map((word) => `,${valueStart(index, field.type, word)}${field.coded ? '' : valueEnd}`)
}

function valueStart(index: number, type: string, text: string): string {
  const quoted = JSON.stringify(text)
  return `{"index":${index},"type":"${type}","data":{"format":"string","value":${quoted.slice(0, -1)}`
}

function valueEndWith(ttlSeconds: number | undefined): string {
  return ttlSeconds === undefined ? valueEnd : `"},"ttl":${ttlSeconds}}`
}

function adminJson({ adminHandle, adminIndex = 300 }: RecordGeneratorOptions): string {
  if (adminHandle === undefined) return ''
  const data = {
    format: 'admin',
    value: { handle: adminHandle, index: adminIndex, permissions: '111111111111' },
  }
  return `,${JSON.stringify({ index: 100, type: 'HS_ADMIN', data })}`
}

/** The values that no mutation touches. */
function lastingJson(kind: CompiledKind, bits: number, code: string): string {
  const fields = at(fieldSets, bits & 31)
  let json = kind.urlStart + code + kind.urlEnd
  if ((fields & 1) !== 0) json += at(kind.names, (bits >>> 5) & 7)
  if ((fields & 2) !== 0) json += codedJson(kind.firstCodes, bits >>> 8)
  if ((fields & 4) !== 0) json += codedJson(kind.secondCodes, bits >>> 9)
  return json
}

function codedJson(starts: readonly string[], bits: number): string {
  return (
    at(starts, bits & 7) +
    at(digitPairs, (bits >>> 3) & 1023) +
    at(digitPairs, (bits >>> 13) & 1023) +
    valueEnd
  )
}

function stateJson(kind: CompiledKind, word: number, revision: number): string {
  return revision === 0
    ? at(kind.states, word) + kind.stateEnd
    : `${at(kind.states, word)} r${revision}${kind.stateEnd}`
}

/** The ordinal itself in eight characters, which is why no two identifiers share a handle whatever the hash says. */
function codeOf(ordinal: number): string {
  assert(ordinal >= 0 && ordinal < ordinalsMax, 'an ordinal is at least 0 and below 2^40')
  const high = Math.floor(ordinal / 2 ** 20)
  return (
    at(digitPairs, high >>> 10) +
    at(digitPairs, high & 1023) +
    at(digitPairs, (ordinal >>> 10) & 1023) +
    at(digitPairs, ordinal & 1023)
  )
}

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index]
  assert(item !== undefined, 'a table has an entry for every value of the bits that index it')
  return item
}
