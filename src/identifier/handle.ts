import { HandleError } from '../errors.ts'

/** The most a handle may hold, in bytes of UTF-8 (RFC 3651 section 2; also the wire protocol's limit). */
export const handleBytesLimit = 2048

/** One identifier `prefix/suffix`, parsed. */
export type Handle = {
  /** As it was written: answers repeat it. */
  readonly text: string
  /** ASCII case folded to upper case: what is compared, stored under and cached under (RFC 3651 section 2). */
  readonly key: string
  /** The folded part before the first slash. */
  readonly prefix: string
}

/** Limits that an operator may narrow below the protocol's own. */
export type HandleLimits = {
  readonly handleBytesMax: number
  /** Unicode characters, as the systems of China count theirs; bounded by the bytes alone unless given. */
  readonly handleCharactersMax?: number
}

const defaultLimits: HandleLimits = { handleBytesMax: handleBytesLimit }

/**
 * Parses `prefix/suffix`. The prefix is dot-separated segments without slash, control character or white space; the
 * suffix is any text of at least one character; the first slash divides them.
 * @throws HandleError INVALID_HANDLE naming what is wrong.
 */
export function parseHandle(text: string, limits: HandleLimits = defaultLimits): Handle {
  const slash = text.indexOf('/')
  if (text.length === 0) throw invalid(text, 'is empty; expected prefix/suffix')
  if (slash < 0) throw invalid(text, 'has no slash; expected prefix/suffix')
  if (slash === text.length - 1) throw invalid(text, 'has no suffix after the slash')
  const key = foldAscii(text)
  const prefix = key.slice(0, slash)
  assertPrefix(text, prefix)
  assertText(text)
  const excess = excessOf(text, limits)
  if (excess !== undefined) throw invalid(text, excess)
  return { text, key, prefix }
}

/** Whether `prefix` may stand before the slash, for settings that name a prefix alone. */
export function isPrefix(prefix: string): boolean {
  return prefixGrammar.test(prefix)
}

/** ASCII letters to upper case; every other character stays, so `é` and `É` remain different identifiers. */
export function foldAscii(text: string): string {
  return lowerCaseAscii.test(text) ? text.replace(lowerCaseRuns, (run) => run.toUpperCase()) : text
}

/** The handle of the record that homes a prefix and names its administrators (RFC 3650 section 3.1). */
export function prefixRecordHandle(prefix: string): string {
  return `0.NA/${prefix}`
}

/** The prefix of all records that describe prefixes. */
export const namingAuthorityPrefix = '0.NA'

// Segments of anything but dot, slash, white space and control characters: Chinese prefixes are digits and dots today,
// but RFC 3651 allows any UCS-2 character here.
const prefixGrammar = /^[^\s./\p{C}]+(?:\.[^\s./\p{C}]+)*$/u
const plainPrefix = /^[0-9A-Z]+(?:\.[0-9A-Z]+)*$/
const lowerCaseAscii = /[a-z]/
const lowerCaseRuns = /[a-z]+/g
const plainAscii = /^[\x20-\x7e]*$/
const controlCharacter = /\p{Cc}/u

function assertPrefix(text: string, prefix: string): void {
  if (plainPrefix.test(prefix)) return
  if (prefix.length === 0) throw invalid(text, 'has no prefix before the slash')
  if (!isPrefix(prefix)) {
    throw invalid(
      text,
      `has the prefix "${printable(prefix)}"; expected segments such as 88.118.8 without white space`,
    )
  }
}

/** How a text is too long for a handle, in words; undefined when it is not. */
export function excessOf(text: string, limits: HandleLimits): string | undefined {
  const { handleBytesMax, handleCharactersMax = handleBytesMax } = limits
  // No character takes fewer units of a string than one, nor fewer bytes than units.
  const bytes = plainAscii.test(text) ? text.length : Buffer.byteLength(text)
  if (bytes > handleBytesMax) return `is ${bytes} bytes long; expected at most ${handleBytesMax}`
  if (text.length <= handleCharactersMax) return undefined
  const characters = [...text].length
  if (characters <= handleCharactersMax) return undefined
  return `is ${characters} characters long; expected at most ${handleCharactersMax}`
}

function assertText(text: string): void {
  if (plainAscii.test(text)) return
  if (controlCharacter.test(text)) throw invalid(text, 'holds a control character; expected printable text')
  if (!text.isWellFormed()) throw invalid(text, 'is not well-formed Unicode; expected UTF-8')
}

function invalid(text: string, problem: string): HandleError {
  return new HandleError('INVALID_HANDLE', `handle "${printable(text)}" ${problem}`)
}

function printable(text: string): string {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text
  return shown.toWellFormed().replace(/\p{Cc}/gu, '\uFFFD')
}
