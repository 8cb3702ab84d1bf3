import { dataFromJson } from './data-input.ts'
import { boundedText, indexFromJson, invalid, isObject, referencesFromJson } from './input-fields.ts'
import {
  defaultPermissions,
  defaultTtl,
  type HandleValue,
  inIndexOrder,
  recordLimits,
  type Ttl,
} from './value.ts'

/**
 * Reads the JSON values that a client registers. Timestamps are the node's to give: what the client sends as one is
 * ignored. Values come out in the order of their indexes, which are unique.
 * @throws HandleError INVALID_VALUE naming the field, what it holds and what was expected.
 */
export function valuesFromJson(input: unknown, timestampSeconds: number): readonly HandleValue[] {
  if (!Array.isArray(input)) throw invalid('values', input, 'an array of values')
  if (input.length > recordLimits.valuesMax) {
    throw invalid('values', `${input.length} values`, `at most ${recordLimits.valuesMax}`)
  }
  const values: HandleValue[] = []
  for (let position = 0; position < input.length; position++) {
    const value = valueFromJson(input[position], `values[${position}]`, timestampSeconds)
    for (const earlier of values) {
      if (earlier.index === value.index)
        throw invalid(`values[${position}].index`, value.index, 'each index once')
    }
    values.push(value)
  }
  return inIndexOrder(values)
}

/** One value; `field` is how errors name it. */
export function valueFromJson(input: unknown, field: string, timestampSeconds: number): HandleValue {
  if (!isObject(input)) throw invalid(field, input, 'an object with index, type and data')
  const index = indexFromJson(input.index, `${field}.index`)
  const type = boundedText(input.type, `${field}.type`, recordLimits.typeBytesMax)
  if (type === '') throw invalid(`${field}.type`, type, 'a type name such as URL')
  const data = dataFromJson(input.data, `${field}.data`)
  if (data.length > recordLimits.dataBytesMax) {
    throw invalid(`${field}.data`, `${data.length} bytes`, `at most ${recordLimits.dataBytesMax} bytes`)
  }
  return {
    index,
    type,
    data,
    ttl: input.ttl === undefined ? defaultTtl : ttlFromJson(input.ttl, `${field}.ttl`),
    timestampSeconds,
    permissions:
      input.permissions === undefined
        ? defaultPermissions
        : permissionsFromJson(input.permissions, `${field}.permissions`),
    references:
      input.references === undefined ? [] : referencesFromJson(input.references, `${field}.references`),
  }
}

const ttlSecondsMax = 0xffff_ffff
const isoMoment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})$/

function ttlFromJson(input: unknown, field: string): Ttl {
  if (typeof input === 'number' && Number.isInteger(input) && input >= 0 && input <= ttlSecondsMax) {
    return input === 86_400 ? defaultTtl : { kind: 'relative', seconds: input }
  }
  if (typeof input === 'string' && isoMoment.test(input)) {
    const atSeconds = Math.floor(Date.parse(input) / 1000)
    if (atSeconds >= 0 && atSeconds <= ttlSecondsMax) return { kind: 'absolute', atSeconds }
  }
  throw invalid(field, input, 'whole seconds, or a moment such as 2026-12-31T00:00:00Z')
}

function permissionsFromJson(input: unknown, field: string): number {
  if (typeof input !== 'string' || !/^[01]{4}$/.test(input)) {
    throw invalid(field, input, 'four digits 0 or 1: adminRead, adminWrite, publicRead, publicWrite')
  }
  return Number.parseInt(input, 2)
}
