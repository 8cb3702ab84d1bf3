import type { Recognised, Scheme } from './scheme.ts'

/** Application identifiers that qualify a GTIN, in the order in which they narrow it. */
const qualifiers = [
  { code: '22', name: 'variant' },
  { code: '10', name: 'lot' },
  { code: '21', name: 'serial' },
] as const

/**
 * A GTIN as digits (8, 12, 13 or 14), as a GS1 Digital Link URI (`https://host/01/GTIN/10/LOT/21/SERIAL`), or as an element
 * string (`(01)GTIN(10)LOT(21)SERIAL`). GS1 General Specifications, sections 3.2 and 7.9 (check digit); Digital Link URI syntax 1.4.
 */
export const gs1: Scheme = {
  name: 'GS1',
  source: 'GS1 General Specifications; GS1 Digital Link: URI Syntax',
  recognise(text) {
    const found = fromDigitalLink(text) ?? fromElements(text) ?? fromDigits(text)
    return found === undefined ? undefined : describe('GS1', found)
  },
}

/**
 * `urn:epc:id:sgtin:COMPANY.ITEM.SERIAL`: the company prefix and the item reference with its indicator digit make the GTIN.
 * GS1 EPC Tag Data Standard 2.0, section 7.3.
 */
export const epc: Scheme = {
  name: 'EPC',
  source: 'GS1 EPC Tag Data Standard 2.0',
  recognise(text) {
    const [, company = '', item = '', serial] =
      /^urn:epc:id:sgtin:(\d{6,12})\.(\d{1,7})\.([^.]+)$/i.exec(text) ?? []
    if (serial === undefined) return undefined
    const digits = `${item[0] ?? ''}${company}${item.slice(1)}`
    if (digits.length !== 13) {
      const problem = `company prefix and item reference have ${digits.length} digits; expected 13 together`
      return {
        scheme: 'EPC',
        canonical: text.toLowerCase(),
        broader: [],
        parts: { company, item, serial },
        problem,
      }
    }
    const parsed = { gtin: digits + checkDigit(digits), values: new Map([['21', decoded(serial)]]) }
    return describe('EPC', parsed)
  },
}

type Parsed = { readonly gtin: string; readonly values: ReadonlyMap<string, string> }

function describe(scheme: string, { gtin, values }: Parsed): Recognised {
  const padded = gtin.padStart(14, '0')
  const chain = [`gtin:${padded}`]
  const parts: Record<string, string> = { gtin: padded }
  for (const { code, name } of qualifiers) {
    const value = values.get(code)
    if (value === undefined) continue
    parts[name] = value
    chain.push(`${chain.at(-1)};${name}=${value}`)
  }
  const [canonical = '', ...broader] = chain.toReversed()
  const recognised = { scheme, canonical, broader, parts }
  const expected = checkDigit(padded.slice(0, 13))
  if (padded.endsWith(expected)) return recognised
  return { ...recognised, problem: `the check digit is ${padded.at(-1)}; expected ${expected}` }
}

function fromDigits(text: string): Parsed | undefined {
  return /^(?:\d{8}|\d{12,14})$/.test(text) ? { gtin: text, values: new Map() } : undefined
}

function fromElements(text: string): Parsed | undefined {
  const [, gtin, rest = ''] = /^\(01\)(\d{14})((?:\(\d{2}\)[^()]+)*)$/.exec(text) ?? []
  if (gtin === undefined) return undefined
  return {
    gtin,
    values: new Map(
      [...rest.matchAll(/\((\d{2})\)([^()]+)/g)].map(([, code = '', value = '']) => [code, value]),
    ),
  }
}

function fromDigitalLink(text: string): Parsed | undefined {
  const path = /^https?:\/\/[^/]+(\/[^?#]*)/i.exec(text)?.[1] ?? (text.startsWith('/') ? text : undefined)
  const [, gtin, rest = ''] = /(?:^|\/)01\/(\d{8}|\d{12,14})((?:\/\d{2}\/[^/]+)*)\/?$/.exec(path ?? '') ?? []
  if (gtin === undefined) return undefined
  const values = [...rest.matchAll(/\/(\d{2})\/([^/]+)/g)].map(
    ([, code = '', value = '']): [string, string] => [code, decoded(value)],
  )
  return { gtin, values: new Map(values) }
}

/** Modulo 10 with weights 3 and 1 from the right (GS1 General Specifications, section 7.9). */
function checkDigit(digits: string): string {
  let sum = 0
  for (let place = 0; place < digits.length; place++)
    sum += Number(digits[digits.length - 1 - place]) * (place % 2 === 0 ? 3 : 1)
  return String((10 - (sum % 10)) % 10)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
