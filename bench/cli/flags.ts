import { spawnSync } from 'node:child_process'
import { cpus } from 'node:os'
import { z } from 'zod'
import { isPrefix } from '../../src/identifier/handle.ts'
import { flagName } from '../../src/support/flag-name.ts'
import { parseBytes, parseDurationMs } from '../../src/support/units.ts'
import { FaultError, parseFault } from '../fault/parse-faults.ts'
import { ObjectiveError, parseObjectives } from '../objective/parse-objectives.ts'
import { operationKinds } from '../workload/operation.ts'
import { parseRecordSizes, recordSizesForms } from '../workload/record-sizes.ts'

/** What the command line said cannot be done: each problem names its flag, the value and what was expected. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** Checks all flags of a command at once. @throws UsageError naming every flag that is wrong. */
export function parseFlags<Shape extends z.ZodType>(
  schema: Shape,
  given: Record<string, unknown>,
): z.infer<Shape> {
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  throw new UsageError([...new Set(parsed.error.issues.map((issue) => problemOf(issue, given)))])
}

/** A whole number such as 5000, 1_000_000, 250k or 10M. */
export function count(bounds: { readonly least?: number; readonly most?: number } = {}) {
  const { least = 1, most = 1e12 } = bounds
  const expected = `expected a whole number from ${least} to ${most}, such as 250000, 250k or 10M`
  return text(expected).transform((input, context) => {
    const value = parseCount(input)
    if (value !== undefined && Number.isSafeInteger(value) && value >= least && value <= most) return value
    return refuse(context, expected)
  })
}

/** Several whole numbers separated by commas; a flag given several times counts too. */
export function counts() {
  const expected = 'expected one or more rates a second, such as 2000 or 2k,8k'
  return z.union([z.string(), z.array(z.string())], { error: expected }).transform((input, context) => {
    const values = [input]
      .flat()
      .flatMap((part) => part.split(','))
      .map((part) => parseCount(part.trim()))
    const usable = values.filter((value) => value !== undefined && value > 0 && value <= 10_000_000)
    if (usable.length === values.length) return usable as number[]
    return refuse(context, expected)
  })
}

/** Cores of this machine, such as `1` or `0,2-3`, that this process may use. */
export function cores() {
  const expected = `expected cores of this machine from 0 to ${cpus().length - 1}, such as 0 or 0,2-3`
  return text(expected).transform((input, context): number[] => {
    const ranges = input.split(',').map((part) => /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part.trim()))
    const given = ranges.flatMap((match) => {
      const from = Number(match?.[1] ?? Number.NaN)
      const to = Number(match?.[2] ?? from)
      return to >= from ? Array.from({ length: to - from + 1 }, (_, offset) => from + offset) : [Number.NaN]
    })
    if (!given.every((core) => core < cpus().length)) return refuse(context, expected)
    if (spawnSync('taskset', ['--version']).status === 0) return given
    return refuse(context, 'expected a system with taskset (util-linux), which binds processes to cores')
  })
}

/** Seconds from a duration such as 500ms, 30s or 2m. */
export function seconds(bounds: { readonly least?: number } = {}) {
  const least = bounds.least ?? 0.1
  const expected = `expected a duration of at least ${least}s, such as 500ms, 30s or 2m`
  return text(expected).transform((input, context) => {
    const milliseconds = parseDurationMs(input)
    const value = milliseconds === undefined ? undefined : milliseconds / 1000
    if (value !== undefined && value >= least && value <= 30 * 86_400) return value
    return refuse(context, expected)
  })
}

/** A size such as 64MiB, kept as it was written: the node reads it. */
export function size() {
  const expected = 'expected a size such as 64MiB or 2GiB'
  return text(expected).refine((input) => parseBytes(input) !== undefined, { error: expected })
}

/** The address of a server. */
export function url() {
  const expected = 'expected an address such as http://127.0.0.1:8000'
  return text(expected).refine((input) => /^https?:$/.test(protocolOf(input)), { error: expected })
}

/** The address of a target: of the HTTP API, or of the native protocol over TCP or UDP. */
export function target() {
  const expected =
    'expected an address such as http://127.0.0.1:8000, hdl+tcp://127.0.0.1:2641 or hdl+udp://127.0.0.1:2641, without user, query or fragment'
  const isTarget = (input: string): boolean =>
    /^(?:https?|hdl\+(?:tcp|udp)):$/.test(protocolOf(input)) && isBareAddress(input)
  return text(expected).refine(isTarget, { error: expected })
}

/** A side of a comparison: the address of a server of the HTTP API, or something else in words of its own. */
export function side(expected: string) {
  const isSide = (input: string): boolean =>
    !/^https?:/.test(input) || (URL.canParse(input) && isBareAddress(input))
  return text(expected).refine(isSide, { error: `${expected}; an address without user, query or fragment` })
}

/** An identifier prefix. */
export function prefix() {
  const expected = 'expected a prefix such as 88.118'
  return text(expected).refine(isPrefix, { error: expected })
}

/** One of a few names. */
export function oneOf<const Names extends readonly [string, ...string[]]>(names: Names) {
  return z.enum(names, { error: `expected one of ${names.join(', ')}` })
}

/** Several of a few names, separated by commas. */
export function list<const Names extends readonly [string, ...string[]]>(names: Names) {
  const expected = `expected some of ${names.join(', ')}, separated by commas`
  return text(expected).transform((input, context): Names[number][] => {
    const given = [...new Set(input.split(',').map((part) => part.trim()))]
    return given.every((name) => names.includes(name)) ? given : refuse(context, expected)
  })
}

/** A number above one bound and up to another. */
export function number({ above, most }: { readonly above: number; readonly most: number }) {
  const expected = `expected a number above ${above} and up to ${most}`
  return text(expected).transform((input, context) => {
    const value = /^\d*\.?\d+$/.test(input) ? Number(input) : Number.NaN
    return value > above && value <= most ? value : refuse(context, expected)
  })
}

/** A share above 0 and below 1, such as 0.05 or 5%. */
export function share() {
  const expected = 'expected a share above 0 and below 1, such as 0.05 or 5%'
  return text(expected).transform((input, context) => {
    const value = parseShare(input)
    return value > 0 && value < 1 ? value : refuse(context, expected)
  })
}

/** A share that may be none, and above 1 up to a bound, such as 0, 0.2 or 120%. */
export function growth({ most }: { readonly most: number }) {
  const expected = `expected a share from 0 to ${most}, such as 0.2 or 20%`
  return text(expected).transform((input, context) => {
    const value = parseShare(input)
    return value >= 0 && value <= most ? value : refuse(context, expected)
  })
}

/** How long the descriptions of records are: `plain` for none, `preset` for what the preset says, or a distribution. */
export function recordSizes() {
  const expected = `expected plain, preset, ${recordSizesForms}, of at most 65536 bytes`
  const isKnown = (input: string): boolean =>
    input === 'plain' || input === 'preset' || parseRecordSizes(input) !== undefined
  return text(expected).refine(isKnown, { error: expected })
}

/** Objectives such as `resolve.p99<10ms,errors<0.01%`, kept as they were written once they can be read. */
export function objectives() {
  return text('expected objectives such as resolve.p99<10ms').transform((input, context) => {
    try {
      parseObjectives(input, operationKinds)
      return input
    } catch (error) {
      if (!(error instanceof ObjectiveError)) throw error
      return refuse(context, `expected objectives such as resolve.p99<10ms: ${error.message}`)
    }
  })
}

/** Faults such as `kill@10s`, kept as they were written once they can be read; a flag given several times counts too. */
export function faults() {
  const expected = 'expected a fault such as kill@10s or stop@5s:2s'
  return z.union([z.string(), z.array(z.string())], { error: expected }).transform((input, context) => {
    const texts = [input].flat()
    try {
      for (const text of texts) parseFault(text)
      return texts
    } catch (error) {
      if (!(error instanceof FaultError)) throw error
      return refuse(context, `${expected}: ${error.message}`)
    }
  })
}

/** An administrator as `index:handle`. */
export function identity() {
  const expected = 'expected an identity such as 300:88.118/ADMIN'
  return text(expected).regex(/^\d+:[^/]+\/.+$/, { error: expected })
}

/** Any text but none. */
export function text(expected: string) {
  return z.string({ error: expected }).min(1, { error: expected })
}

/** A number as people write it: 250000, 250k, 10M; undefined where it is none. */
export function parseCount(input: string): number | undefined {
  const match = /^(\d[\d_]*(?:\.\d+)?)([kMG]?)$/.exec(input)
  if (match === null) return undefined
  return Number((match[1] ?? '').replaceAll('_', '')) * (scales[match[2] ?? ''] ?? 1)
}

/** NaN where it is none. */
function parseShare(input: string): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+)(%?)$/.exec(input)
  return match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1)
}

const scales: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, G: 1e9 }

function refuse(context: z.core.$RefinementCtx, message: string): never {
  context.issues.push({ code: 'custom', message, input: context.value })
  return z.NEVER
}

/** Whether an address says nothing that would be left out of every request. */
function isBareAddress(address: string): boolean {
  const { hostname, username, password, search, hash } = new URL(address)
  return hostname !== '' && username + password + search + hash === ''
}

function protocolOf(input: string): string {
  return URL.canParse(input) ? new URL(input).protocol : ''
}

function problemOf(issue: z.core.$ZodIssue, given: Record<string, unknown>): string {
  const name = String(issue.path[0] ?? '')
  const flag = `--${flagName(name)}`
  const value = given[name]
  if (value === undefined) return `${flag} is missing; ${issue.message}`
  return `${flag} is "${String(value)}"; ${issue.message}`
}
