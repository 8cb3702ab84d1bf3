import { kindsBySixteenths } from './record-kinds.ts'

/** The prefixes derived from one, in their order. */
export function derivedPrefixesOf(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}.${index + 1}`)
}

/** Slots of each table of heads: a power of two, because bits of a hash choose one. */
export const headSlots = 64

/**
 * Heads of handles (a prefix and its slash) by the sixteenths of the kinds, then by slot; undefined where there is one prefix.
 * Each kind is an industry with prefixes of its own, dealt out in turn; within an industry the first prefix has most
 * identifiers, the second half as many, the third a third: uneven as enterprises are (Zipf's law of firm sizes, Axtell
 * 2001, stands in for registrations, of which no distribution was found: an assumption).
 */
export function derivedHeads(options: {
  readonly prefix: string
  readonly derivedPrefixes?: number
}): readonly (readonly string[])[] | undefined {
  const { prefix, derivedPrefixes = 1 } = options
  if (derivedPrefixes <= 1) return undefined
  const prefixes = derivedPrefixesOf(prefix, derivedPrefixes)
  const industries = [...new Set(kindsBySixteenths)]
  return kindsBySixteenths.map((kind) => {
    const industry = industries.indexOf(kind)
    const own = prefixes.filter((_, index) => index % industries.length === industry)
    return slotsOf(own.length === 0 ? prefixes : own)
  })
}

function slotsOf(prefixes: readonly string[]): readonly string[] {
  const weights = prefixes.map((_, index) => 1 / (index + 1))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let upTo = 0
  const bounds = weights.map((weight) => {
    upTo += (weight / total) * headSlots
    return upTo
  })
  return Array.from({ length: headSlots }, (_, slot) => {
    const index = bounds.findIndex((bound) => slot + 0.5 < bound)
    return `${prefixes[index === -1 ? prefixes.length - 1 : index]}/`
  })
}
