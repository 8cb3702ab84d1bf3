import { HandleError } from './errors.ts'

const names = ['sessionId', 'id', 'type', 'cnonce', 'alg', 'signature'] as const

/** What a client says about its session, in an `Authorization: Handle` header or in a JSON body. */
export type SessionParameters = { readonly [Name in (typeof names)[number]]?: string }

/** Whether the header is for a session rather than a secret. */
export function isSessionHeader(authorization: string): boolean {
  return /^Handle(?:\s|$)/i.test(authorization)
}

/** Reads `Handle sessionId="…", id="…", …`; parameters that are unknown are passed over. */
export function sessionParametersOfHeader(authorization: string): SessionParameters {
  const found: Record<string, string> = {}
  for (const [, name = '', quoted, token] of authorization.slice('Handle'.length).matchAll(parameter)) {
    found[name] = quoted?.replaceAll(/\\(.)/g, '$1') ?? token ?? ''
  }
  return known(found)
}

// RFC 9110 section 11.2, with the padding of base64 in values that are not quoted.
const parameter = /([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))/g

/** Reads the members of a JSON object. @throws HandleError MALFORMED_REQUEST when one of them is no text. */
export function sessionParametersOfBody(body: Readonly<Record<string, unknown>>): SessionParameters {
  const found: Record<string, string> = {}
  for (const name of names) {
    const value = body[name]
    if (value === undefined) continue
    if (typeof value !== 'string') {
      throw new HandleError('MALFORMED_REQUEST', `${name} is ${JSON.stringify(value)}; expected text`)
    }
    found[name] = value
  }
  return known(found)
}

function known(found: Readonly<Record<string, string>>): SessionParameters {
  return Object.fromEntries(names.flatMap((name) => (found[name] === undefined ? [] : [[name, found[name]]])))
}
