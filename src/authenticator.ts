import { createHash, timingSafeEqual } from 'node:crypto'
import { HandleError } from './errors.ts'
import { type Handle, parseHandle } from './identifier/handle.ts'
import { structuredTypes } from './identifier/value.ts'
import { recordOf } from './resolved-record.ts'
import type { Resolver } from './resolver.ts'
import { isSessionHeader, sessionParametersOfHeader } from './session-parameters.ts'
import type { Sessions } from './sessions.ts'

/** Someone who has proved to hold the secret of a value: `index:handle`. */
export type Identity = { readonly handle: Handle; readonly index: number }

/**
 * Basic authentication against HS_SECKEY values, or a session that was proved against one or an HS_PUBKEY: who asks is a
 * value of a record that this node serves.
 */
export class Authenticator {
  readonly #resolver: Resolver
  readonly #sessions: Sessions
  // A client repeats its header with every request; digests and parsing cost more than all else that a registration
  // asks of its identity (`npm run bench:registration`). What proved it holds while the record stays byte by byte.
  readonly #proofs = new Map<string, Proof>()

  constructor(resolver: Resolver, sessions: Sessions) {
    this.#resolver = resolver
    this.#sessions = sessions
  }

  /**
   * The identity behind an `Authorization` header.
   * @throws HandleError AUTHENTICATION_NEEDED without a header, AUTHENTICATION_FAILED when it proves nothing.
   */
  async authenticate(authorization: string | undefined): Promise<Identity> {
    const proof = authorization === undefined ? undefined : this.#proofs.get(authorization)
    if (proof !== undefined && this.#stands(proof)) return proof.identity
    return this.#prove(authorization)
  }

  #stands({ identity, encoded }: Proof): boolean {
    const present = this.#resolver.resolveHere(identity.handle)
    if (present === undefined || present instanceof Promise) return false
    return present.encoded === encoded || Buffer.compare(present.encoded, encoded) === 0
  }

  async #prove(authorization: string | undefined): Promise<Identity> {
    if (authorization === undefined) {
      throw new HandleError(
        'AUTHENTICATION_NEEDED',
        'this request needs authentication: Basic index:handle and secret',
      )
    }
    if (isSessionHeader(authorization)) {
      return this.#sessions.authenticate(sessionParametersOfHeader(authorization))
    }
    const { index, handle, secret } = parseBasic(authorization)
    const resolved = await this.#resolver.resolveHere(handle)
    const record = resolved === undefined ? undefined : recordOf(resolved)
    const value = record?.values.find((candidate) => candidate.index === index)
    const known = value?.type.toUpperCase() === structuredTypes.secretKey ? value.data : undefined
    if (resolved === undefined || known === undefined || !sameSecret(known, secret)) {
      throw failed('the secret does not match')
    }
    const identity = { handle, index }
    if (this.#proofs.size >= proofsMax) this.#proofs.clear()
    this.#proofs.set(authorization, { identity, encoded: resolved.encoded })
    return identity
  }
}

/** An identity that was proved against a record with these bytes. */
type Proof = { readonly identity: Identity; readonly encoded: Uint8Array }

const proofsMax = 1000

type Credentials = { readonly index: number; readonly handle: Handle; readonly secret: string }

function parseBasic(authorization: string): Credentials {
  const encoded = /^Basic +([A-Za-z0-9+/_=-]+) *$/i.exec(authorization)?.[1]
  if (encoded === undefined) throw failed('Authorization is not of the form "Basic" and base64')
  // The user name is percent-encoded so that its colon does not end it; people who forget are understood too.
  const parts = /^(\d{1,10})(?:%3A|:)([^:]+):(.*)$/is.exec(Buffer.from(encoded, 'base64').toString('utf8'))
  const [, index = '', name = '', secret = ''] = parts ?? []
  if (parts === null) throw failed('the user name is not index:handle, such as 300%3A88.118%2FADMIN')
  try {
    return { index: Number(index), handle: parseHandle(decodeURIComponent(name)), secret }
  } catch (cause) {
    throw failed('the user name does not hold a handle', cause)
  }
}

// Digests have one length whatever the secrets have, so comparing them takes the same time for every guess.
function sameSecret(known: Uint8Array, given: string): boolean {
  return timingSafeEqual(
    createHash('sha256').update(known).digest(),
    createHash('sha256').update(given).digest(),
  )
}

function failed(message: string, cause?: unknown): HandleError {
  return new HandleError('AUTHENTICATION_FAILED', `identity not verified: ${message}`, { cause })
}
