import { type PrefixAction, prefixActions, prefixSteps } from '../prefixes/prefix-state.ts'

const tags = ['prefixes']
const security = [{ basic: [] }]
const params = {
  type: 'object',
  properties: { prefix: { type: 'string', description: 'an enterprise prefix such as 88.118.8' } },
  required: ['prefix'],
} as const

const text = (description: string) => ({ type: 'string', description })
const object = (description: string) => ({ description, type: 'object', additionalProperties: true }) as const

const refusals = {
  400: object('bad parameter (4), prefix (102), value (202), or a parent that is not homed here (301)'),
  401: object('authentication needed or failed (402)'),
  403: object('not permitted (400)'),
  404: object('the prefix has no application (100)'),
  409: object('the step is not possible from the present state (101)'),
  503: object('busy, try again after Retry-After (3)'),
}

const ofOne = { tags, security, params, response: { 200: object('the prefix as it is now'), ...refusals } }

const summaries: Readonly<Record<PrefixAction, string>> = {
  apply: 'Apply for an enterprise prefix (申请)',
  withdraw: 'Take an application back',
  approve: 'Approve an application (审核通过)',
  reject: 'Reject an application with a reason (审核驳回)',
  home: 'Home an approved prefix here (托管)',
  delegate: "Delegate an approved prefix to the enterprise's own node (授权)",
  suspend: 'Suspend a prefix with a reason (停用)',
  resume: 'Take a suspension back (启用)',
  revoke: 'Revoke a prefix with a reason (注销)',
}

/** The body that a step takes. */
function bodyOf(action: PrefixAction) {
  const reason = { reason: text(prefixSteps[action].needsReason ? 'why; required' : 'why; optional') }
  if (action === 'apply') {
    const properties = { enterprise: text('who applies'), contact: text('how to reach them'), ...reason }
    return { type: 'object', properties } as const
  }
  if (action !== 'delegate') return { type: 'object', properties: reason } as const
  const values = {
    type: 'array',
    items: { type: 'object', additionalProperties: true },
    description: 'HS_SITE.PREFIX, HS_SERV.PREFIX or HS_SERV values that tell where the enterprise answers',
  }
  return { type: 'object', properties: { values, ...reason } } as const
}

const steps = Object.fromEntries(
  prefixActions.map((action) => [action, { ...ofOne, summary: summaries[action], body: bodyOf(action) }]),
) as Readonly<Record<PrefixAction, typeof ofOne & { readonly summary: string; readonly body: object }>>

/** Descriptions of the routes over enterprise prefixes. */
export const prefixRouteSchemas = {
  ...steps,
  show: { ...ofOne, summary: 'Where a prefix stands; for whoever applied and for reviewers' },
  bring: {
    ...ofOne,
    summary: "Take over a prefix from another node: a line of that node's export; safe to repeat",
    body: {
      type: 'object',
      description: 'state, audit trail and record, as they were exported',
      additionalProperties: true,
    },
    response: {
      ...ofOne.response,
      200: object('status: created, advanced (it has gone on since) or exists-identical'),
      409: object('it contradicts what this node has (101)'),
      413: object('too large (4)'),
    },
  },
  audit: { ...ofOne, summary: 'Every step of a prefix: who, when, what and why' },
  list: {
    tags,
    security,
    summary: 'Prefixes that the identity may review',
    querystring: {
      type: 'object',
      properties: {
        state: text('only those in this state'),
        after: text('continues behind this prefix: the cursor of the page before'),
        limit: text('prefixes a page, 1000 at most'),
      },
    },
    response: { 200: object('prefixes, and a cursor when there are more'), ...refusals },
  },
  export: {
    tags,
    security,
    summary: 'All of them with their audit trails and records as NDJSON',
    response: {
      ...refusals,
      200: {
        description: 'one prefix a line',
        content: { 'application/x-ndjson': { schema: { type: 'string' } } },
      },
    },
  },
} as const
