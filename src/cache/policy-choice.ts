import { type PolicyName, policies } from './policies/index.ts'
import type { EvictionPolicy, PolicyContext, PolicyFactory, PolicyParameters } from './policy.ts'

/** A policy as it is written in settings and reports: `s3-fifo`, or with parameters `clock:bits=2`. */
export type PolicyChoice = { readonly name: PolicyName; readonly parameters: PolicyParameters }

/** Reads a choice; undefined where the policy or a parameter is unknown, or a value is no number. */
export function parsePolicyChoice(text: string): PolicyChoice | undefined {
  const [name = '', ...settings] = text.split(':')
  if (!isPolicyName(name)) return undefined
  const parameters: Record<string, number> = { ...policies[name].parameters }
  for (const setting of settings) {
    const [, parameter = '', value = ''] = /^([A-Za-z]+)=(\d+(?:\.\d+)?)$/.exec(setting) ?? []
    if (!Object.hasOwn(parameters, parameter)) return undefined
    parameters[parameter] = Number(value)
  }
  return { name, parameters }
}

/** Builds the chosen policy. */
export function createChosenPolicy(choice: PolicyChoice, context: PolicyContext): EvictionPolicy {
  const factory: PolicyFactory = policies[choice.name]
  return factory.create(context, choice.parameters)
}

function isPolicyName(name: string): name is PolicyName {
  return Object.hasOwn(policies, name)
}
