import { z } from 'zod'
import { isPrefix } from './identifier/handle.ts'
import { isNetwork, parseUpstream } from './recursion/upstream-address.ts'
import { bytesText, durationText, parseBytes, parseDurationMs } from './support/units.ts'

// What a description may hold beside its text: how a default is written as it is given.
declare module 'zod' {
  interface GlobalMeta {
    readonly shownAs?: (value: number) => string
  }
}

export function integer(least: number, most: number) {
  const parse = (text: string): number | undefined =>
    /^\d{1,15}$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : undefined
  return unit(parse, `expected an integer from ${least} to ${most}`)
}

export function bytes() {
  return unit(parseBytes, 'expected a size such as 512MiB or 2GiB').meta({ shownAs: bytesText })
}

export function duration() {
  return unit(parseDurationMs, 'expected a duration such as 500ms, 30s or 2m').meta({
    shownAs: durationText,
  })
}

function unit(parse: (text: string) => number | undefined, expected: string) {
  return z.union([z.number(), z.string()], { error: expected }).transform((input, context) => {
    const value = parse(String(input))
    if (value !== undefined && Number.isSafeInteger(value) && value >= 0) return value
    context.addIssue({ code: 'custom', message: expected })
    return z.NEVER
  })
}

export function prefixText() {
  return z.string().refine(isPrefix, { error: 'expected a prefix such as 88.118' })
}

export function upstreamText() {
  return z.string().refine((text) => parseUpstream(text) !== undefined, {
    error: 'expected a node such as hdl+tcp://127.0.0.1:2641 or http://127.0.0.1:8000',
  })
}

export function networkText() {
  return z.string().refine(isNetwork, { error: 'expected a network such as 10.0.0.0/8' })
}

export function hostPort() {
  return z.string().refine((text) => /^(?:[^\s:/]+|\[[0-9a-fA-F:]+\]):\d{1,5}$/.test(text), {
    error: 'expected host:port such as 127.0.0.1:9042',
  })
}

export function list<Item extends z.ZodType>(item: Item, least = 1) {
  return z.union([z.array(item).min(least), item.transform((single) => [single])])
}
