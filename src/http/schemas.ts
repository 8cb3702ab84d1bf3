/**
 * What the routes look like from outside, for the OpenAPI document. Handlers judge their input themselves, because the
 * Handle API answers bad input with its own response codes; nothing here validates or serialises.
 */
const handleParameter = {
  type: 'object',
  properties: {
    '*': { type: 'string', description: 'prefix/suffix, percent-encoded; further slashes belong to it' },
  },
  required: ['*'],
} as const

const flag = (description: string) => ({
  type: 'string',
  enum: ['', 'true', 'yes', 'false', 'no'],
  description,
})

const indexes = {
  type: 'array',
  items: { type: 'string' },
  description: 'index of a value; repeatable',
} as const

const resolutionQuery = {
  type: 'object',
  properties: {
    index: indexes,
    type: {
      type: 'array',
      items: { type: 'string' },
      description: 'type of a value; repeatable, OR-ed with index; a trailing period also matches subtypes',
    },
    auth: flag('authoritative: reads past the cache'),
    publicOnly: flag('only publicly readable values; the default without authentication'),
    cert: flag('accepted, without effect'),
    doNotRefer: flag('answer 301 for a prefix of another node instead of telling where to ask'),
    pretty: flag('indented JSON'),
    followAlias: flag('answer with the record that HS_ALIAS values lead to'),
    callback: { type: 'string', description: 'JSONP: name of the function' },
  },
} as const

const answer = (description: string) => ({
  description,
  type: 'object',
  properties: {
    responseCode: { type: 'integer' },
    handle: { type: 'string' },
    message: { type: 'string' },
    values: { type: 'array', items: { type: 'object', additionalProperties: true } },
  },
  additionalProperties: true,
})

const readAnswers = {
  300: answer('ask elsewhere: service referral (302) or prefix referral (303)'),
  200: answer('the record (responseCode 1), or none of the asked values (200)'),
  400: answer('bad parameter (4), bad handle (102) or foreign prefix (301)'),
  401: answer('authentication needed or failed (402)'),
  403: answer('not permitted (400)'),
  404: answer('no such handle (100)'),
  503: answer('busy, try again after Retry-After (3)'),
}

const writeAnswers = {
  ...readAnswers,
  200: answer('replaced or changed (1)'),
  409: answer('the handle (101) or a value (201) exists'),
  413: answer('the body is too large (4)'),
}

const tags = ['handles']
/** With a secret, or in a session. */
const eitherWay = [{ basic: [] }, { session: [] }]
const methodsAnswer = { 204: { description: 'Allow names them', type: 'null' } } as const

/** Descriptions of the routes over one handle and of the listing. */
export const handleRouteSchemas = {
  get: {
    tags,
    summary: 'Resolve a handle',
    params: handleParameter,
    querystring: resolutionQuery,
    response: readAnswers,
  },
  post: {
    tags,
    summary: 'Resolve a handle, parameters in the query, in a JSON body or in both',
    params: handleParameter,
    querystring: resolutionQuery,
    body: resolutionQuery,
    response: readAnswers,
  },
  put: {
    tags,
    summary: 'Create or replace a record or its values',
    params: handleParameter,
    security: eitherWay,
    querystring: {
      type: 'object',
      properties: {
        index: { ...indexes, description: 'values to add or replace: indexes of the body, or "various"' },
        overwrite: flag('replace what is there; default true'),
        mintNewSuffix: flag('append a random suffix'),
      },
    },
    body: { type: 'object', additionalProperties: true, description: 'values, {"values":[…]} or one value' },
    response: { ...writeAnswers, 201: answer('created; nothing was overwritten (1)') },
  },
  delete: {
    tags,
    summary: 'Delete a record or some of its values',
    params: handleParameter,
    security: eitherWay,
    querystring: { type: 'object', properties: { index: indexes } },
    response: writeAnswers,
  },
  options: { tags, summary: 'Methods of the route', params: handleParameter, response: methodsAnswer },
  list: {
    tags,
    summary: 'List the handles under a prefix',
    security: eitherWay,
    querystring: {
      type: 'object',
      properties: {
        prefix: { type: 'string', description: 'naming prefix; required' },
        page: { type: 'string', description: 'page number from 0; with pageSize' },
        pageSize: { type: 'string', description: 'handles a page; 0 asks for the count only' },
        cursor: { type: 'string', description: 'continues behind the page that returned it' },
      },
    },
    response: {
      ...readAnswers,
      200: answer('handles, and a cursor when there are more (responseCode 1)'),
    },
  },
} as const

/** Description of the route that browsers are sent on by. */
export const redirectRouteSchema = {
  tags,
  summary: 'Redirect to the URL value of a handle',
  params: handleParameter,
  querystring: {
    type: 'object',
    properties: {
      noredirect: flag('show the record'),
      noalias: flag('stay at the handle itself where its record is an alias of another'),
      auth: flag('read past the cache'),
      doNotRefer: flag('stay at this node where the handle is of a prefix that it has delegated'),
    },
  },
  response: {
    200: text('the record as a page: noredirect, or no value to go to', 'text/html'),
    300: text(
      'the node of a delegated prefix has nothing that a browser can ask: its addresses',
      'text/html',
    ),
    302: text('Location holds the URL value, or the handle at the node of a delegated prefix', 'text/html'),
    400: text('bad handle, or a bad parameter (4, as JSON)', 'text/html'),
    404: text('no such handle, or one of another node', 'text/html'),
  },
} as const

/** Description of the route at which pyhandle searches. */
export const searchRouteSchema = {
  tags,
  summary: 'Search by value: not offered, and says what is',
  response: { 501: answer('not supported (5)') },
} as const

const ndjson = { type: 'string', description: 'one JSON object a line' } as const
const ndjsonType = 'application/x-ndjson'
const bulkRefusals = {
  400: answer('bad parameter or header (4), bad prefix (102) or foreign prefix (301)'),
  401: readAnswers[401],
  403: readAnswers[403],
  503: readAnswers[503],
}

/** Descriptions of the bulk routes. */
export const registrationRouteSchemas = {
  post: {
    tags: ['bulk'],
    summary: 'Register many records: NDJSON in, one result line for each in order',
    consumes: [ndjsonType],
    security: eitherWay,
    querystring: {
      type: 'object',
      properties: { overwrite: flag('replace records that differ; default false') },
    },
    body: ndjson,
    response: {
      ...bulkRefusals,
      200: text('one result a line for each item', ndjsonType),
      413: answer('over the limits stated (4)'),
    },
  },
  get: {
    tags: ['bulk'],
    summary: 'Export the records under a prefix as NDJSON',
    security: eitherWay,
    querystring: {
      type: 'object',
      properties: {
        prefix: { type: 'string', description: 'naming prefix; required' },
        after: { type: 'string', description: 'handle behind which to continue' },
      },
    },
    response: { ...bulkRefusals, 200: text('one record a line', ndjsonType) },
  },
  options: { tags: ['bulk'], summary: 'Methods of the route', response: methodsAnswer },
} as const

/** A route about the node itself that answers with a JSON object. */
export function nodeRouteSchema(summary: string) {
  return { tags: ['node'], summary, response: { 200: object(summary) } } as const
}

/** Description of the route that Prometheus reads. */
export const metricsRouteSchema = {
  tags: ['node'],
  summary: 'Metrics in the Prometheus text format',
  response: { 200: text('the figures of the whole node', 'text/plain') },
} as const

/** Descriptions of what a supervisor and a load balancer ask. */
export const healthRouteSchemas = {
  live: nodeRouteSchema('Whether the process answers'),
  ready: {
    tags: ['node'],
    summary: 'Whether the node reads and writes',
    response: {
      200: object('it does'),
      503: object('it does not: the reason, or busy or shutting down (responseCode 3)'),
    },
  },
} as const

function object(description: string) {
  return { description, type: 'object', additionalProperties: true } as const
}

function text(description: string, mediaType: string) {
  return { description, content: { [mediaType]: { schema: { type: 'string' } } } } as const
}
