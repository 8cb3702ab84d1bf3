import { foldAscii } from '../../src/identifier/handle.ts'
import { encodeRecord, encodeValue } from '../../src/identifier/record-encoding.ts'
import { valuesFromJson } from '../../src/identifier/value-input.ts'
import { assert } from '../../src/support/assert.ts'
import {
  checkOf,
  createRecordGenerator,
  digits,
  fieldSets,
  type RecordGenerator,
  type RecordGeneratorOptions,
} from './record-generator.ts'
import { createRecordHash } from './record-hash.ts'
import { kindsBySixteenths } from './record-kinds.ts'

/** Where `writeKeyAndRecord` ended the key and the record. */
export type EncodedEnds = { keyEnd: number; recordEnd: number }

/**
 * Writes the records of a load, revision 0, as the store keeps them. Records of one kind differ in few ways besides
 * their serials: the first of each variety is made by the generator and the node's own encoder, and what follows its
 * handle is kept as a template; the others copy it and fill in their serials, which have fixed lengths. That costs a
 * tenth of making JSON and reading it back.
 */
export type RecordEncoder = {
  /** All following records are under this stem, which does not contain the prefix. */
  startStem(stem: string): void
  /** Writes key and record one behind the other from `start` on; the ordinal's stem must be the one started. */
  writeKeyAndRecord(target: Uint8Array, start: number, ordinal: number, ends: EncodedEnds): void
}

/** No generated key and record together take more bytes, as long as prefix and administrator are of ordinary length. */
export const encodedBytesMax = 4096

/** Creates the encoder of one load; every record gets the same timestamp. */
export function createRecordEncoder(
  options: RecordGeneratorOptions & { readonly timestampSeconds: number },
): RecordEncoder {
  const { seed, prefix, timestampSeconds } = options
  const generator = createRecordGenerator(options)
  const hash = createRecordHash(seed)
  // Allocated whole: an array that grows by leaps becomes a hash table.
  const templates = new Array<Template | undefined>(varietiesMax).fill(undefined)
  let keyStem = new Uint8Array()
  let handleStart = new Uint8Array()
  return {
    startStem(stem) {
      keyStem = new Uint8Array(Buffer.from(foldAscii(`${prefix}/${stem}`)))
      handleStart = encodeHandleStart(`${prefix}/${stem}`)
    },
    writeKeyAndRecord(target, start, ordinal, ends) {
      const identity = hash.identity(ordinal)
      const content = hash.content(identity)
      const variety = varietyOf(content, { identity, state: hash.state(identity, 0) })
      let template = templates[variety]
      if (template === undefined) {
        template = createTemplate({ generator, ordinal, timestampSeconds })
        templates[variety] = template
      }
      target.set(keyStem, start)
      const codeAt = start + keyStem.length
      writeCode(target, codeAt, ordinal)
      target[codeAt + codeBytes] = digitBytes[checkOf(identity)] as number
      const record = codeAt + codeBytes + 1
      target.set(handleStart, record)
      const handleCodeAt = record + handleStart.length
      target.copyWithin(handleCodeAt, codeAt, record)
      const values = handleCodeAt + codeBytes + 1
      target.set(template.values, values)
      target.copyWithin(values + template.urlCodeAt, codeAt, codeAt + codeBytes)
      if (template.firstAt > 0) writeSerial(target, values + template.firstAt, content >>> 8)
      if (template.secondAt > 0) writeSerial(target, values + template.secondAt, content >>> 9)
      ends.keyEnd = record
      ends.recordEnd = values + template.values.length
    },
  }
}

/** What follows the handle in an encoded record: the number of values and the values. */
type Template = {
  readonly values: Uint8Array
  readonly urlCodeAt: number
  /** Where the serials of the values 3 and 4 are; 0 where there is no such value. */
  readonly firstAt: number
  readonly secondAt: number
}

const codeBytes = 8
const serialBytes = 4
const digitBytes = Uint8Array.from(digits, (digit) => digit.charCodeAt(0))

/** The kinds by the top four bits of an identity, numbered. */
const kinds = [...new Set(kindsBySixteenths)]
const kindNumbers = Uint8Array.from(kindsBySixteenths, (kind) => kinds.indexOf(kind))
const varietiesMax = kinds.length << 15

/** Numbers what a record's bits choose among, its serials aside: its kind, its words, and which values there are. */
function varietyOf(content: number, bits: { readonly identity: number; readonly state: number }): number {
  const fields = fieldSets[content & 31] as number
  let variety = ((kindNumbers[bits.identity >>> 28] as number) << 15) | (fields << 3) | (bits.state & 7)
  if ((fields & 1) !== 0) variety |= ((content >>> 5) & 7) << 6
  if ((fields & 2) !== 0) variety |= ((content >>> 8) & 7) << 9
  if ((fields & 4) !== 0) variety |= ((content >>> 9) & 7) << 12
  return variety
}

/** The length of the whole handle and its stem. */
function encodeHandleStart(stem: string): Uint8Array<ArrayBuffer> {
  const text = Buffer.from(stem)
  const start = Buffer.alloc(4 + text.length)
  start.writeInt32BE(text.length + codeBytes + 1)
  text.copy(start, 4)
  return new Uint8Array(start)
}

function createTemplate(parts: {
  readonly generator: RecordGenerator
  readonly ordinal: number
  readonly timestampSeconds: number
}): Template {
  const { handle, valuesJson } = parts.generator.recordOf(parts.ordinal, 0)
  const values = valuesFromJson(JSON.parse(valuesJson), parts.timestampSeconds)
  const record = encodeRecord({ handle, values })
  assert(record.length + Buffer.byteLength(handle) <= encodedBytesMax, 'a generated record is short')
  const endsOfData = new Map<number, number>()
  let end = 4
  for (const value of values) {
    end += encodeValue(value).length
    endsOfData.set(value.index, end - referencesBytes)
  }
  const serialAt = (index: number, length: number): number => (endsOfData.get(index) ?? length) - length
  return {
    values: new Uint8Array(record.subarray(record.length - end)),
    urlCodeAt: serialAt(1, codeBytes),
    firstAt: serialAt(3, serialBytes),
    secondAt: serialAt(4, serialBytes),
  }
}

// Behind a value's data comes the number of its references, which is zero.
const referencesBytes = 4

function writeCode(target: Uint8Array, at: number, ordinal: number): void {
  for (let position = 0, shift = 35; position < codeBytes; position++, shift -= 5) {
    const digit = shift >= 30 ? Math.floor(ordinal / 2 ** shift) & 31 : (ordinal >>> shift) & 31
    target[at + position] = digitBytes[digit] as number
  }
}

function writeSerial(target: Uint8Array, at: number, bits: number): void {
  writePair(target, at, (bits >>> 3) & 1023)
  writePair(target, at + 2, (bits >>> 13) & 1023)
}

function writePair(target: Uint8Array, at: number, pair: number): void {
  target[at] = digitBytes[pair >>> 5] as number
  target[at + 1] = digitBytes[pair & 31] as number
}
