import { type PolicyName, policies } from '../../src/cache/policies/index.ts'
import type { PolicyFactory, PolicyParameters } from '../../src/cache/policy.ts'
import { parseBytes } from '../../src/support/units.ts'
import { hasColumn, isSpilled, type StoredTrace } from '../workload/traces/stored-trace.ts'
import { type OfflineOptimumName, offlineOptima } from './belady.ts'
import type { CapacityUnit } from './simulate.ts'

/** A policy as asked for, such as `s3-fifo` or `clock:bits=2`. */
export type PolicyChoice = {
  /** As it was written. */
  readonly label: string
  readonly policy: PolicyName | OfflineOptimumName
  /** Every parameter, defaults included. */
  readonly parameters: PolicyParameters
}

/** A cache size as asked for, such as `0.1%`, `1000` or `1GiB`. */
export type SizeChoice = {
  readonly label: string
  /** `fraction` of the objects or of their bytes. */
  readonly kind: 'fraction' | CapacityUnit
  readonly amount: number
}

/** Names of all policies that can be simulated, the offline optima included. */
export const simulatedPolicyNames: readonly string[] = [
  ...Object.keys(policies),
  ...Object.keys(offlineOptima),
]

/** Reads `lru,clock:bits=2`; a sentence where it cannot be read. */
export function parsePolicies(text: string): readonly PolicyChoice[] | string {
  const choices: PolicyChoice[] = []
  for (const label of new Set(text.split(',').map((part) => part.trim()))) {
    const choice = parsePolicy(label)
    if (typeof choice === 'string') return choice
    choices.push(choice)
  }
  return choices
}

/** Reads `0.1%,1000,1GiB`; a sentence where it cannot be read. */
export function parseSizes(text: string): readonly SizeChoice[] | string {
  const choices: SizeChoice[] = []
  for (const label of new Set(text.split(',').map((part) => part.trim()))) {
    const choice = parseSize(label)
    if (choice === undefined) return `"${label}" is no size`
    choices.push(choice)
  }
  return choices
}

/** Units that a size comes to on a trace, truncated as libCacheSim does; 0 where it is too small to hold anything. */
export function capacityOf(
  size: SizeChoice,
  trace: StoredTrace,
  options: { readonly ignoreObjectSize: boolean },
): { readonly capacity: number; readonly unit: CapacityUnit } {
  if (size.kind !== 'fraction') return { capacity: size.amount, unit: size.kind }
  if (options.ignoreObjectSize || !hasColumn(trace, 'bytesOf'))
    return { capacity: Math.floor(trace.objects * size.amount), unit: 'objects' }
  return { capacity: Math.floor(workingSetBytes(trace) * size.amount), unit: 'bytes' }
}

/** Bytes of all objects, each as large as at its first request; objects where the trace has no sizes. */
export function workingSetBytes(trace: StoredTrace): number {
  if (isSpilled(trace)) return trace.workingSetBytes ?? trace.objects
  const { requests, objects, objectOf, bytesOf } = trace
  if (bytesOf === undefined) return objects
  let seen = 0
  let bytes = 0
  for (let request = 0; request < requests; request++) {
    // Objects are numbered in order of first appearance.
    if (objectOf[request] !== seen) continue
    seen++
    bytes += bytesOf[request] as number
  }
  return bytes
}

/** Whether a policy does something else with every seed. */
export function drawsLots({ policy }: PolicyChoice): boolean {
  const table: Readonly<Record<string, PolicyFactory>> = policies
  return table[policy]?.drawsLots === true
}

function parsePolicy(label: string): PolicyChoice | string {
  const [name = '', ...settings] = label.split(':')
  if (Object.hasOwn(offlineOptima, name) && settings.length === 0)
    return { label, policy: name as OfflineOptimumName, parameters: {} }
  if (!Object.hasOwn(policies, name))
    return `"${name}" is no policy; there are ${simulatedPolicyNames.join(', ')}`
  const factory: PolicyFactory = policies[name as PolicyName]
  const parameters: Record<string, number> = { ...factory.parameters }
  for (const setting of settings) {
    const [parameter = '', value = ''] = setting.split('=')
    if (!Object.hasOwn(parameters, parameter)) {
      const known = Object.keys(parameters).join(', ') || 'none'
      return `${name} has no parameter "${parameter}"; it has ${known}`
    }
    if (value === '' || !(Number(value) >= 0)) return `${label}: "${value}" is no number`
    parameters[parameter] = Number(value)
  }
  return { label, policy: name as PolicyName, parameters }
}

function parseSize(label: string): SizeChoice | undefined {
  const [, percent] = /^(\d+(?:\.\d+)?)%$/.exec(label) ?? []
  // The exponent in the text gives the same double as libCacheSim's 0.001, which a division by 100 may not.
  if (percent !== undefined) return { label, kind: 'fraction', amount: Number(`${percent}e-2`) }
  if (/^0?\.\d+$/.test(label)) return { label, kind: 'fraction', amount: Number(label) }
  if (/^\d+$/.test(label) && Number(label) > 0) return { label, kind: 'objects', amount: Number(label) }
  const bytes = /[a-zA-Z]/.test(label) ? parseBytes(label) : undefined
  return bytes === undefined || bytes === 0 ? undefined : { label, kind: 'bytes', amount: bytes }
}
