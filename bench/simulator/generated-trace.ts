import { parseCount } from '../cli/flags.ts'
import { type DistributionName, distributions } from '../workload/distributions/index.ts'
import type { GenerateOptions } from './generate-trace.ts'

const scheme = 'generated:'

/** Whether an operand names a trace to draw instead of a file: `generated:zipfian,objects=100K,requests=1M`. */
export function isGenerated(operand: string): boolean {
  return operand.startsWith(scheme)
}

/** The same trace drawn with one seed, by a name that says all of it. */
export function withSeed(operand: string, seed: number): string {
  return `${operand},seed=${seed}`
}

/** The name without its seed, which several draws have in common. */
export function withoutSeed(operand: string): string {
  return isGenerated(operand) ? operand.replace(/,seed=\d+$/, '') : operand
}

/** Reads `generated:DISTRIBUTION,objects=N,requests=N[,exponent=X][,seed=N]`; a sentence where it cannot be read. */
export function parseGenerated(operand: string): GenerateOptions | string {
  const [distribution = '', ...settings] = operand.slice(scheme.length).split(',')
  if (!Object.hasOwn(distributions, distribution))
    return `"${distribution}" is no distribution; there are ${Object.keys(distributions).join(', ')}`
  const given: Record<string, number> = { exponent: 0.99, seed: 42 }
  for (const setting of settings) {
    const [name = '', text = ''] = setting.split('=')
    const value = name === 'exponent' ? Number(text) : parseCount(text)
    if (!['objects', 'requests', 'exponent', 'seed'].includes(name))
      return `"${name}" is no setting of a generated trace; there are objects, requests, exponent and seed`
    if (value === undefined || !(value >= 0 && value <= 2 ** 32) || text === '')
      return `${name} is "${text}"; expected a number such as 100K`
    given[name] = value
  }
  const { objects, requests, exponent = 0, seed = 0 } = given
  if (!isExponentOf(distribution, exponent)) return `exponent is "${exponent}"; ${fixedExponent}`
  if (!objects || !requests) return 'a generated trace needs objects= and requests=, both above 0'
  return { distribution: distribution as DistributionName, objects, requests, exponent, seed }
}

/** YCSB's generator holds for its own exponent alone; the other distributions take any. */
export function isExponentOf(distribution: string, exponent: number): boolean {
  return distribution !== 'ycsb-zipfian' || exponent === 0.99
}

export const fixedExponent = 'expected 0.99, the only one of ycsb-zipfian'
