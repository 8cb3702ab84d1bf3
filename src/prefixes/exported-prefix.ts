import { HandleError } from '../errors.ts'
import { foldAscii, parseHandle } from '../identifier/handle.ts'
import { boundedText, invalid, isObject } from '../identifier/input-fields.ts'
import { type HandleValue, recordLimits } from '../identifier/value.ts'
import { valuesFromJson } from '../identifier/value-input.ts'
import { valuesToJson } from '../identifier/value-json.ts'
import { checkedDelegation, detailCharactersMax, reasonCharactersMax } from './prefix-change.ts'
import {
  type AuditEntry,
  type PrefixState,
  type PrefixStateName,
  prefixActions,
  prefixStates,
  prefixSteps,
} from './prefix-state.ts'

/** All that a node knows of an enterprise prefix, as it goes to another node: one line of `erji prefix export`. */
export type ExportedPrefix = {
  /** Finished, and without the record that a suspended prefix keeps. */
  readonly state: PrefixState
  /** Every step, the oldest first; none of a prefix that is homed without a history. */
  readonly audit: readonly AuditEntry[]
  /** The values of `0.NA/prefix`: as a homed prefix has them, and as a suspended one has them again when it is resumed. */
  readonly record: readonly HandleValue[] | undefined
}

/** One line of NDJSON, with its line feed. */
export function exportedLine({ state, audit, record }: ExportedPrefix): string {
  const head = JSON.stringify(state).slice(0, -1)
  const values = record === undefined ? '' : `,"record":${valuesToJson(record)}`
  return `${head}${values},"audit":${JSON.stringify(audit)}}\n`
}

/** Reads such a line of the prefix `prefix` (folded). @throws HandleError INVALID_VALUE naming the field and what was expected. */
export function exportedFromJson(
  input: Readonly<Record<string, unknown>>,
  { prefix, atSeconds }: { readonly prefix: string; readonly atSeconds: number },
): ExportedPrefix {
  const unknown = Object.keys(input).find((name) => !fieldNames.includes(name))
  if (unknown !== undefined)
    throw new HandleError('INVALID_VALUE', `field "${unknown}" is unknown; expected ${fieldNames.join(', ')}`)
  if (typeof input.prefix !== 'string' || foldAscii(input.prefix) !== prefix)
    throw invalid('prefix', input.prefix, `"${prefix}", as in the path`)
  const audit = trailFrom(input.audit, prefix)
  const state = stateFrom(input, { prefix, audit, atSeconds })
  const record = input.record === undefined ? undefined : valuesFromJson(input.record, atSeconds)
  const isBack = state.state === 'homed' || state.suspendedFrom === 'homed'
  if (isBack === (record !== undefined)) return { state, audit, record }
  const expected = isBack
    ? `the values of 0.NA/${prefix}, which are exported for whoever may read them`
    : `none of a prefix that is ${state.state}`
  throw invalid('record', input.record, expected)
}

const fieldNames: readonly string[] = [
  'prefix',
  'state',
  'revision',
  'enterprise',
  'contact',
  'applicant',
  'since',
  'reason',
  'delegation',
  'suspendedFrom',
  'record',
  'audit',
]

type Fields = Readonly<Record<string, unknown>>

function stateFrom(
  input: Fields,
  {
    prefix,
    audit,
    atSeconds,
  }: { readonly prefix: string; readonly audit: readonly AuditEntry[]; readonly atSeconds: number },
): PrefixState {
  const last = audit.at(-1)
  const name = stateName(input.state, 'state')
  if (name !== (last?.to ?? 'homed'))
    throw invalid('state', name, `"${last?.to ?? 'homed'}", where the audit trail ends`)
  if (input.revision !== audit.length)
    throw invalid('revision', input.revision, `${audit.length}, the number of steps in the audit trail`)
  const since = momentFrom(input.since, 'since')
  if (last !== undefined && since !== last.at)
    throw invalid('since', since, `"${last.at}", when the last step was taken`)
  return {
    prefix,
    enterprise: detailFrom(input.enterprise, 'enterprise'),
    contact: detailFrom(input.contact, 'contact'),
    applicant: isWithoutApplicant(input, audit) ? '' : personFrom(input.applicant, 'applicant'),
    ...reasonFrom(input.reason, 'reason'),
    ...whereFrom(input, { name, atSeconds }),
    state: name,
    revision: audit.length,
    since,
  }
}

/** Nobody applied for a prefix that was homed without a history. */
function isWithoutApplicant({ applicant }: Fields, [first]: readonly AuditEntry[]): boolean {
  return applicant === '' && (first === undefined || first.from === 'homed')
}

/** Where a delegated prefix is served, and what a suspended one was. */
function whereFrom(
  { suspendedFrom, delegation }: Fields,
  { name, atSeconds }: { readonly name: PrefixStateName; readonly atSeconds: number },
): Pick<PrefixState, 'suspendedFrom' | 'delegation'> {
  const was = name === 'suspended' ? suspendedFrom : undefined
  if (suspendedFrom !== was || (name === 'suspended' && was !== 'homed' && was !== 'delegated'))
    throw invalid('suspendedFrom', suspendedFrom, '"homed" or "delegated", of a suspended prefix alone')
  const from = was === undefined ? {} : { suspendedFrom: was as 'homed' | 'delegated' }
  const isDelegated = name === 'delegated' || was === 'delegated'
  if (isDelegated !== Array.isArray(delegation) || (!isDelegated && delegation !== undefined))
    throw invalid('delegation', delegation, 'an array of values, of a delegated prefix alone')
  return isDelegated
    ? { ...from, delegation: checkedDelegation({ delegation: delegation as unknown[] }, atSeconds) }
    : from
}

/** The audit trail, whose steps follow each other as `prefixSteps` has it. */
function trailFrom(input: unknown, prefix: string): AuditEntry[] {
  if (!Array.isArray(input)) throw invalid('audit', input, 'an array of the steps that were taken')
  const entries: AuditEntry[] = []
  for (const [place, item] of input.entries()) {
    const field = `audit[${place}]`
    if (!isObject(item)) throw invalid(field, item, 'an object with revision, action, to, by and at')
    const entry = entryFrom(item, { field, prefix })
    if (entry.revision !== place + 1)
      throw invalid(`${field}.revision`, entry.revision, `${place + 1}, the number of the step`)
    const before = entries.at(-1)
    if (before !== undefined && entry.from !== before.to)
      throw invalid(`${field}.from`, entry.from, `"${before.to}", where the step before it led`)
    if (!isStep(entry)) {
      const steps = `${entry.action} from ${entry.from ?? 'no application'} to ${entry.to}`
      throw invalid(field, steps, 'a step that is possible')
    }
    entries.push(entry)
  }
  return entries
}

function entryFrom(
  item: Fields,
  { field, prefix }: { readonly field: string; readonly prefix: string },
): AuditEntry {
  if (item.prefix !== prefix) throw invalid(`${field}.prefix`, item.prefix, `"${prefix}"`)
  const action = prefixActions.find((name) => name === item.action)
  if (action === undefined)
    throw invalid(`${field}.action`, item.action, `one of ${prefixActions.join(', ')}`)
  return {
    prefix,
    revision: Number(item.revision),
    action,
    from: item.from === undefined ? undefined : stateName(item.from, `${field}.from`),
    to: stateName(item.to, `${field}.to`),
    by: personFrom(item.by, `${field}.by`),
    at: momentFrom(item.at, `${field}.at`),
    ...reasonFrom(item.reason, `${field}.reason`),
  }
}

/** Whether the step is one of `prefixSteps`; only the first has nothing before it, or a prefix that was homed without a history. */
function isStep({ revision, action, from, to }: AuditEntry): boolean {
  const step = prefixSteps[action]
  if (revision > 1 && from === undefined) return false
  if (revision === 1 && from !== undefined && from !== 'homed') return false
  if (!(step.from as readonly unknown[]).includes(from)) return false
  return to === step.to || (action === 'resume' && to === 'delegated')
}

function stateName(input: unknown, field: string): PrefixStateName {
  const name = prefixStates.find((state) => state === input)
  if (name === undefined) throw invalid(field, input, `one of ${prefixStates.join(', ')}`)
  return name
}

function personFrom(input: unknown, field: string): string {
  const expected = 'index:handle such as 300:88.118/ADMIN'
  if (typeof input !== 'string' || input.length > personCharactersMax || !/^\d{1,10}:.+\/.+$/s.test(input))
    throw invalid(field, input, expected)
  const colon = input.indexOf(':')
  if (Number(input.slice(0, colon)) > recordLimits.indexMax) throw invalid(field, input, expected)
  // The grammar's own words for a handle that is none.
  parseHandle(input.slice(colon + 1))
  return boundedText(input, field, personCharactersMax * utf8BytesMax)
}

/** As the node writes moments: UTC, whole seconds, such as the record's timestamps can hold. */
function momentFrom(input: unknown, field: string): string {
  if (typeof input === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(input)) {
    const unixSeconds = Date.parse(input) / 1000
    if (unixSeconds >= 0 && unixSeconds <= 0xffff_ffff) return input
  }
  throw invalid(field, input, 'a moment such as 2026-12-31T00:00:00Z')
}

function detailFrom(input: unknown, field: string): string {
  if (typeof input !== 'string' || input.length > detailCharactersMax)
    throw invalid(field, input, `text of at most ${detailCharactersMax} characters`)
  return boundedText(input, field, detailCharactersMax * utf8BytesMax)
}

function reasonFrom(input: unknown, field: string): { readonly reason?: string } {
  if (input === undefined) return {}
  if (typeof input !== 'string' || input.length > reasonCharactersMax)
    throw invalid(field, input, `text of at most ${reasonCharactersMax} characters`)
  return { reason: boundedText(input, field, reasonCharactersMax * utf8BytesMax) }
}

// The bytes of UTF-8 that one UTF-16 unit takes at most.
const utf8BytesMax = 3
const personCharactersMax = 2100
