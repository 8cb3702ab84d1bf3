/** What the routes of sessions look like from outside, for the OpenAPI document. */

const session = (description: string) => ({
  description,
  type: 'object',
  properties: {
    sessionId: { type: 'string' },
    nonce: { type: 'string', description: 'base64; sign it followed by a nonce of your own' },
    authenticated: { type: 'boolean' },
    id: { type: 'string', description: 'index:handle of who is signed in' },
  },
  additionalProperties: true,
})

const text = (description: string) => ({ type: 'string', description })

const proof = {
  type: 'object',
  description: 'the same parameters may come in the header Authorization: Handle',
  properties: {
    sessionId: text('name of the session'),
    id: text('index:handle of the key that signs'),
    type: text('HS_PUBKEY or HS_SECKEY'),
    cnonce: text('base64: nonce of the client'),
    alg: text('SHA256, SHA1 or MD5; for secrets also HMAC-SHA256, HMAC-SHA1'),
    signature: text('base64: over nonce and cnonce, by RSA; or their digest between the secret and itself'),
  },
}

const tags = ['sessions']
const security = [{ session: [] }]
const refused = {
  401: session('not authenticated: no such session, nobody signed in to it, or no proof (402)'),
}
const refusals = { 400: session('the body is no JSON object of texts (4)'), ...refused }

/** Descriptions of the routes by what they do. */
export const sessionRouteSchemas = {
  begin: {
    tags,
    summary: 'Begin a session',
    response: { 201: session('its name, and what to sign') },
    body: proof,
  },
  read: { tags, summary: 'Who is signed in', security, response: { 200: session('who it is'), ...refused } },
  prove: {
    tags,
    summary: 'Sign in: prove whose key it is',
    security,
    body: proof,
    response: { 200: session('signed in'), ...refusals },
  },
  end: {
    tags,
    summary: 'Sign out',
    security,
    response: { 204: { description: 'the session has ended', type: 'null' } },
  },
} as const
