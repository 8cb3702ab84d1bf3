import { HandleError } from '../errors.ts'
import { handleBytesLimit } from './handle.ts'
import { recordLimits, type ValueReference } from './value.ts'

/** An index as a number, or as the decimal string that pyhandle sends. */
export function indexFromJson(input: unknown, field: string): number {
  const index = typeof input === 'string' && /^\d{1,10}$/.test(input) ? Number(input) : input
  if (typeof index !== 'number' || !Number.isInteger(index) || index < 1 || index > recordLimits.indexMax) {
    throw invalid(field, input, `an integer from 1 to ${recordLimits.indexMax}`)
  }
  return index
}

/** A list of `{handle, index}` objects. */
export function referencesFromJson(input: unknown, field: string): ValueReference[] {
  if (!Array.isArray(input) || input.length > recordLimits.referencesMax) {
    throw invalid(
      field,
      input,
      `an array of at most ${recordLimits.referencesMax} {"handle","index"} objects`,
    )
  }
  return input.map((item: unknown, position) => {
    const name = `${field}[${position}]`
    if (!isObject(item) || typeof item.handle !== 'string')
      throw invalid(name, item, '{"handle":"…","index":n}')
    return {
      handle: boundedText(item.handle, `${name}.handle`, handleBytesLimit),
      index: indexFromJson(item.index, `${name}.index`),
    }
  })
}

/** Text that the binary form can carry: what it could not be read back from must not be stored. */
export function boundedText(input: unknown, field: string, bytesMax: number): string {
  if (typeof input !== 'string' || !input.isWellFormed() || Buffer.byteLength(input) > bytesMax) {
    throw invalid(field, input, `well-formed text of at most ${bytesMax} bytes`)
  }
  return input
}

/** The error of a field that does not hold what it should. */
export function invalid(field: string, found: unknown, expected: string): HandleError {
  return new HandleError('INVALID_VALUE', `${field} is ${shown(found)}; expected ${expected}`)
}

/** Whether `input` is a JSON object, as opposed to an array, a primitive or null. */
export function isObject(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input)
}

function shown(found: unknown): string {
  if (found === undefined) return 'missing'
  const text = jsonOf(found)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

/** JSON that a client nested deeper than the stack goes must not become an internal error. */
function jsonOf(found: unknown): string {
  try {
    return JSON.stringify(found) ?? String(found)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return 'nested too deeply'
  }
}
