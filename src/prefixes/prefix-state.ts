import { HandleError } from '../errors.ts'

/** Where an enterprise prefix (企业前缀) stands in its life. */
export const prefixStates = [
  'applied',
  'approved',
  'rejected',
  'withdrawn',
  'homed',
  'delegated',
  'suspended',
  'revoked',
] as const
export type PrefixStateName = (typeof prefixStates)[number]

/** Who may take a step: whoever applied, or a reviewer, who holds the right over the parent prefix. */
export type PrefixRole = 'applicant' | 'reviewer'

type Step = {
  /** `undefined` stands for a prefix that has no history. */
  readonly from: readonly (PrefixStateName | undefined)[]
  readonly to: PrefixStateName
  readonly by: PrefixRole
  /** A step against somebody says why. */
  readonly needsReason: boolean
}

/**
 * Every step of a prefix's life: 申请 apply, 审核 review (approve or reject), 托管 home here or 授权 delegate to the enterprise's
 * own node, 停用 suspend and resume, 注销 revoke. What is not here cannot happen.
 */
export const prefixSteps = {
  apply: {
    from: [undefined, 'rejected', 'withdrawn', 'revoked'],
    to: 'applied',
    by: 'applicant',
    needsReason: false,
  },
  withdraw: { from: ['applied', 'approved'], to: 'withdrawn', by: 'applicant', needsReason: false },
  approve: { from: ['applied'], to: 'approved', by: 'reviewer', needsReason: false },
  reject: { from: ['applied'], to: 'rejected', by: 'reviewer', needsReason: true },
  home: { from: ['approved'], to: 'homed', by: 'reviewer', needsReason: false },
  delegate: { from: ['approved', 'delegated'], to: 'delegated', by: 'reviewer', needsReason: false },
  suspend: { from: ['homed', 'delegated'], to: 'suspended', by: 'reviewer', needsReason: true },
  // To where it was suspended from, which the state remembers.
  resume: { from: ['suspended'], to: 'homed', by: 'reviewer', needsReason: false },
  revoke: { from: ['homed', 'delegated', 'suspended'], to: 'revoked', by: 'reviewer', needsReason: true },
} as const satisfies Record<string, Step>

export type PrefixAction = keyof typeof prefixSteps
export const prefixActions = Object.keys(prefixSteps) as [PrefixAction, ...PrefixAction[]]

/** What is kept of a prefix, as JSON in a record of the store. */
export type PrefixState = {
  readonly prefix: string
  readonly state: PrefixStateName
  /** Counts the steps, from 1: the number of the newest entry of the audit trail. */
  readonly revision: number
  readonly enterprise: string
  readonly contact: string
  /** `index:handle` of whoever applied, who administers the prefix once it is homed. */
  readonly applicant: string
  readonly since: string
  readonly reason?: string
  /** Values that tell where the enterprise's own node is, as JSON; while it is delegated, or was when suspended. */
  readonly delegation?: readonly unknown[]
  readonly suspendedFrom?: 'homed' | 'delegated'
  /** The prefix's own record while it is suspended, so that it comes back as it was; base64. */
  readonly keptRecord?: string
  /** What the step has still to make of the prefix's record: base64, or null for none. A crash leaves it to be finished. */
  readonly pending?: string | null
  /** The step's entry, or all of an import, until they stand in the audit trail: only what was taken gets one, whatever the engine. */
  readonly unaudited?: AuditEntry | readonly AuditEntry[]
}

/** Whether something of the last step is still to be done. */
export function isUnfinished({ pending, unaudited }: PrefixState): boolean {
  return pending !== undefined || unaudited !== undefined
}

/** A state without what is still to be done of it: what people are shown. */
export function finishedState({
  pending: _pending,
  unaudited: _unaudited,
  ...finished
}: PrefixState): PrefixState {
  return finished
}

/** One step that was taken: entries are only ever added. */
export type AuditEntry = {
  readonly prefix: string
  readonly revision: number
  readonly action: PrefixAction
  readonly from: PrefixStateName | undefined
  readonly to: PrefixStateName
  /** `index:handle` of whoever took it, as authenticated. */
  readonly by: string
  readonly at: string
  readonly reason?: string
}

/** The state after a step. @throws HandleError PREFIX_STATE naming the state and what can be done from it. */
export function stateAfter(action: PrefixAction, present: PrefixState | undefined): PrefixStateName {
  const step: Step = prefixSteps[action]
  if (step.from.includes(present?.state)) {
    return action === 'resume' ? (present?.suspendedFrom ?? step.to) : step.to
  }
  const possible = prefixActions.filter((name) => (prefixSteps[name] as Step).from.includes(present?.state))
  const state = present === undefined ? 'has no application' : `is ${present.state}`
  throw new HandleError(
    'PREFIX_STATE',
    `the prefix ${state}: ${action} is not possible; expected ${possible.join(' or ')}`,
  )
}
