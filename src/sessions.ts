import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Identity } from './authenticator.ts'
import { HandleError } from './errors.ts'
import { EncodingError } from './identifier/buffer-reader.ts'
import { foldAscii, parseHandle } from './identifier/handle.ts'
import { type HandleValue, structuredTypes } from './identifier/value.ts'
import { isSecretDigest, isSecretMac, isSignature } from './proofs.ts'
import { recordOf } from './resolved-record.ts'
import type { Resolver } from './resolver.ts'
import type { SessionParameters } from './session-parameters.ts'
import { keyDigestBytes, type SessionTable, sessionIdBytes } from './session-table.ts'
import { type Clock, nowSeconds } from './support/clock.ts'

/** The name of a session and what its holder has to sign, both as text. */
export type Session = { readonly sessionId: string; readonly nonce: string }

/**
 * Sessions of the Handle HTTP API: the client proves once, by a signature or a digest over the server's nonce and its
 * own, that it has the key of a value, and then names the session instead. Beginning one keeps nothing, so that nobody
 * can fill the memory with them: the name carries its time and a code that only this node can make.
 */
export class Sessions {
  readonly #table: SessionTable
  readonly #resolver: Resolver
  readonly #clock: Clock

  constructor(parts: { table: SessionTable; resolver: Resolver; clock: Clock }) {
    this.#table = parts.table
    this.#resolver = parts.resolver
    this.#clock = parts.clock
  }

  begin(): Session {
    const id = Buffer.concat([Buffer.alloc(4), randomBytes(sessionIdBytes - 4)])
    id.writeUInt32BE(nowSeconds(this.#clock))
    return {
      sessionId: Buffer.concat([id, this.#code('name', id)]).toString('base64url'),
      nonce: this.#nonceOf(id).toString('base64'),
    }
  }

  /** The session of that name, if it can still be used or proved. */
  find(sessionId: string | undefined): Session | undefined {
    const id = this.#idOf(sessionId)
    if (id === undefined || sessionId === undefined) return undefined
    const entry = this.#table.get(id, nowSeconds(this.#clock))
    if (entry === undefined ? !this.#isProvable(id) : entry.holder === undefined) return undefined
    return { sessionId, nonce: this.#nonceOf(id).toString('base64') }
  }

  /** Who is behind a request: proves it now where the parameters hold a proof. @throws HandleError AUTHENTICATION_FAILED */
  async authenticate(parameters: SessionParameters): Promise<Identity> {
    if (parameters.signature !== undefined) return this.#prove(parameters)
    const identity = await this.identityOf(parameters.sessionId)
    if (identity === undefined)
      throw failed('the session is unknown, has ended, or nobody is signed in to it')
    return identity
  }

  /** Who signed in to the session, as long as the key that proved it is still that person's. */
  async identityOf(sessionId: string | undefined): Promise<Identity | undefined> {
    const id = this.#idOf(sessionId)
    const entry = id === undefined ? undefined : this.#table.get(id, nowSeconds(this.#clock))
    if (entry?.holder === undefined) return undefined
    const identity = parseIdentity(entry.holder)
    const value = await this.#valueOf(identity)
    return value !== undefined && timingSafeEqual(digestOf(value), entry.keyDigest) ? identity : undefined
  }

  /** Ends it; its nonce, too, proves nothing any more. */
  end(sessionId: string | undefined): void {
    const id = this.#idOf(sessionId)
    if (id === undefined) return
    const untilSeconds = nowSeconds(this.#clock) + provableSeconds
    this.#table.put(id, { untilSeconds, holder: undefined, keyDigest: Buffer.alloc(keyDigestBytes) })
  }

  async #prove({ sessionId, id: user, type, cnonce, alg, signature }: SessionParameters): Promise<Identity> {
    if (this.find(sessionId) === undefined) throw failed('the session is unknown or has ended')
    const id = this.#idOf(sessionId) ?? Buffer.alloc(0)
    const identity = parseUser(user)
    const value = await this.#valueOf(identity)
    const kind = foldAscii(value?.type ?? '')
    if (value === undefined || (type !== undefined && foldAscii(type) !== kind))
      throw failed('the proof does not hold')
    const challenged = Buffer.concat([this.#nonceOf(id), Buffer.from(cnonce ?? '', 'base64')])
    const proof = { challenged, given: Buffer.from(signature ?? '', 'base64') }
    if (!proves(value, kind, { ...proof, named: alg ?? 'SHA256' })) throw failed('the proof does not hold')
    this.#table.put(id, {
      untilSeconds: nowSeconds(this.#clock) + signedInSeconds,
      holder: `${identity.index}:${identity.handle.text}`,
      keyDigest: digestOf(value),
    })
    return identity
  }

  async #valueOf({ handle, index }: Identity): Promise<HandleValue | undefined> {
    const resolved = await this.#resolver.resolveHere(handle)
    const values = resolved === undefined ? [] : recordOf(resolved).values
    return values.find((value) => value.index === index && keyTypes.has(foldAscii(value.type)))
  }

  /** The random part of a name that this node gave; undefined for any other text. */
  #idOf(sessionId: string | undefined): Buffer | undefined {
    const bytes = Buffer.from(sessionId ?? '', 'base64url')
    if (bytes.length !== 2 * sessionIdBytes) return undefined
    const id = bytes.subarray(0, sessionIdBytes)
    return timingSafeEqual(this.#code('name', id), bytes.subarray(sessionIdBytes)) ? id : undefined
  }

  #isProvable(id: Buffer): boolean {
    return id.readUInt32BE() + provableSeconds > nowSeconds(this.#clock)
  }

  #nonceOf(id: Buffer): Buffer {
    return this.#code('nonce', id)
  }

  #code(purpose: string, id: Buffer): Buffer {
    return createHmac('sha256', this.#table.key)
      .update(purpose)
      .update(id)
      .digest()
      .subarray(0, sessionIdBytes)
  }
}

const keyTypes: ReadonlySet<string> = new Set([structuredTypes.secretKey, structuredTypes.publicKey])
const provableSeconds = 600
const signedInSeconds = 3600

const hashes: ReadonlyMap<string, string> = new Map([
  ['MD5', 'md5'],
  ['SHA1', 'sha1'],
  ['SHA256', 'sha256'],
])

type Given = { readonly challenged: Uint8Array; readonly given: Uint8Array; readonly named: string }

function proves(value: HandleValue, kind: string, { challenged, given, named }: Given): boolean {
  const [, mac, name = ''] = /^(HMAC-)?(.*)$/s.exec(named.toUpperCase().replace(/SHA-/, 'SHA')) ?? []
  const algorithm = hashes.get(name)
  if (algorithm === undefined)
    throw failed(`alg is "${named}"; expected SHA256, SHA1, HMAC-SHA256 or HMAC-SHA1`)
  const proof = { algorithm, challenged, given }
  if (kind === structuredTypes.secretKey) {
    return mac === undefined ? isSecretDigest(value.data, proof) : isSecretMac(value.data, proof)
  }
  try {
    return mac === undefined && isSignature(value.data, proof)
  } catch (error) {
    if (error instanceof EncodingError) return false
    throw error
  }
}

/** `index:handle` as a client writes it: percent-encoded, its colon too, or not. */
function parseUser(text = ''): Identity {
  try {
    return parseIdentity(text.includes('%') ? decodeURIComponent(text) : text)
  } catch (cause) {
    throw failed(`id is "${text}"; expected index:handle such as 300:88.118/ADMIN`, cause)
  }
}

/** @throws HandleError */
function parseIdentity(text: string): Identity {
  const colon = text.indexOf(':')
  if (!/^\d{1,10}$/.test(text.slice(0, Math.max(colon, 0)))) throw failed('there is no index before a colon')
  return { index: Number(text.slice(0, colon)), handle: parseHandle(text.slice(colon + 1)) }
}

function digestOf(value: HandleValue): Buffer {
  return createHash('sha256').update(foldAscii(value.type)).update(value.data).digest()
}

function failed(message: string, cause?: unknown): HandleError {
  return new HandleError('AUTHENTICATION_FAILED', `identity not verified: ${message}`, { cause })
}
