import { EncodingError } from '../../src/identifier/buffer-reader.ts'
import { decodeSiteData } from '../../src/identifier/site-data.ts'
import { assert } from '../../src/support/assert.ts'
import { nowSeconds } from '../../src/support/clock.ts'
import { createPrng, type Prng } from '../../src/support/prng.ts'
import { type SecretKey, sendAs } from '../../src/wire/client/send-as.ts'
import { openWireClient, type WireClient, type WireTransport } from '../../src/wire/client/wire-client.ts'
import { WireClientError } from '../../src/wire/client/wire-client-error.ts'
import { sized } from '../../src/wire/codec/bodies.ts'
import type { Message } from '../../src/wire/codec/message.ts'
import { operations, responseCode } from '../../src/wire/codec/protocol.ts'
import type { Operation, OperationResult } from '../workload/operation.ts'
import { isMutable } from '../workload/ordinal-classes.ts'
import { checkWireAnswer, wireRequestOf } from './handle-wire-operation.ts'
import { HttpExchange } from './http-exchange.ts'
import type { Credentials, TargetOptions } from './index.ts'
import { describeStatistics, numbersOf, readStatistics } from './node-statistics.ts'
import { performSingly } from './perform-singly.ts'
import { type Registered, registerEach } from './register-each.ts'
import { retried } from './retried.ts'
import type { BatchResult, Target, TargetCapabilities, TargetIdentity, TransportCounts } from './target.ts'
import { TargetError } from './target-error.ts'

/** Requests under way on one connection before the next waits; a connection that is free is taken first. */
const inFlightPerConnectionMax = 16
/** Each registration is challenged: so many at a time for each range. */
const singlesInFlightMax = 32
/** An interruption lets what is under way finish: cut off, nobody would know what became of it. */
const unhurried = new AbortController().signal
/** One socket carries as much as many, and each has the kernel keep a buffer. */
const udpSocketsMax = 16

/** Opens a server of the native Handle protocol: `hdl+tcp://127.0.0.1:2641` or `hdl+udp://…`. */
export async function openHandleWireTarget(options: TargetOptions): Promise<Target> {
  const { hostname, port, protocol } = new URL(options.url)
  const transport: WireTransport = protocol === 'hdl+udp:' ? 'udp' : 'tcp'
  const client = openWireClient({
    transport,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || handlePort),
    connectionsMax: transport === 'udp' ? Math.min(options.connections, udpSocketsMax) : options.connections,
    inFlightMax: inFlightPerConnectionMax,
    timeoutMs: options.timeoutSeconds * 1000,
    clock: options.clock,
  })
  try {
    const identity = await identify(client, options)
    return new HandleWireTarget(options, client, identity)
  } catch (error) {
    client.close()
    throw error
  }
}

class HandleWireTarget implements Target {
  readonly capabilities: TargetCapabilities
  readonly #options: TargetOptions
  readonly #client: WireClient
  readonly #by: SecretKey | undefined
  /** The HTTP API of the same node, where it names one: only for its statistics. */
  readonly #statistics: HttpExchange | undefined
  readonly #server: string | undefined
  /** Spreads retries. */
  readonly #prng: Prng

  constructor(options: TargetOptions, client: WireClient, identity: WireIdentity) {
    this.#options = options
    this.#client = client
    this.#by = options.credentials && secretKeyOf(options.credentials)
    this.#server = identity.server
    this.#prng = createPrng(options.clock.nowNs())
    this.#statistics = identity.statistics
    this.capabilities = { bulkRegistration: false, statistics: identity.statistics !== undefined }
  }

  async perform(operation: Operation, signal: AbortSignal): Promise<OperationResult> {
    if (operation.kind === 'bulk') return performSingly(operation, (single) => this.perform(single, signal))
    const requested = { operation, generator: this.#options.generator }
    try {
      return checkWireAnswer(requested, await this.#ask(requested, signal))
    } catch (error) {
      if (!(error instanceof WireClientError)) throw error
      const outcome = error.code === 'TIMEOUT' ? 'timeout' : 'error'
      return { outcome, detail: `${operation.kind} of ${operation.ordinal}: ${error.message}` }
    }
  }

  async registerRange(from: number, to: number, signal: AbortSignal): Promise<BatchResult> {
    assert(from < to, 'a range of registrations is not empty')
    const register = (ordinal: number): Promise<Registered> => {
      const attempts = { ordinal, isAnswerLost: false }
      return retried(() => this.#registerOne(attempts), { signal, prng: this.#prng })
    }
    return registerEach({ from, to, inFlightMax: singlesInFlightMax, register })
  }

  async statistics(signal: AbortSignal): Promise<Readonly<Record<string, number>> | undefined> {
    const statistics = this.#statistics && (await readStatistics(this.#statistics, signal))
    return statistics && numbersOf(statistics)
  }

  async describe(signal: AbortSignal): Promise<TargetIdentity> {
    const { url } = this.#options
    const statistics = this.#statistics && (await readStatistics(this.#statistics, signal))
    if (statistics !== undefined) return { url, ...describeStatistics(statistics) }
    return { url, ...(this.#server === undefined ? {} : { server: this.#server }) }
  }

  transport(): TransportCounts {
    const { requests, retries, timeouts } = this.#client.statistics()
    return { requests, retries, unanswered: timeouts }
  }

  async close(): Promise<void> {
    this.#client.close()
    await this.#statistics?.close()
  }

  #ask(
    requested: Parameters<typeof wireRequestOf>[0],
    signal: AbortSignal,
  ): Promise<readonly [Message, ...Message[]]> {
    const { request, isAdministrative } = wireRequestOf(requested, nowSeconds(this.#options.clock))
    if (!isAdministrative || this.#by === undefined) return this.#client.send(request, signal)
    return sendAs(this.#client, request, this.#by, signal)
  }

  /** What is there already counts as identical when it reads as the generator made it. */
  async #registerOne(attempts: RegistrationAttempts): Promise<Registered> {
    const { ordinal } = attempts
    const operation = { kind: 'register', ordinal, revision: 0 } as const
    const requested = { operation, generator: this.#options.generator }
    let messages: readonly [Message, ...Message[]]
    try {
      messages = await this.#ask(requested, unhurried)
    } catch (error) {
      attempts.isAnswerLost = true
      throw error instanceof WireClientError ? asTargetError(error) : error
    }
    if (messages[0].responseCode === handleExists) return this.#compare(attempts)
    const { outcome, detail } = checkWireAnswer(requested, messages)
    if (outcome === 'ok') return { counted: 'created' }
    const code = outcome === 'busy' ? 'BUSY' : outcome === 'refused' ? 'REFUSED' : 'PROTOCOL'
    throw new TargetError(code, `registration ${ordinal}: ${detail}`)
  }

  async #compare({ ordinal, isAnswerLost }: RegistrationAttempts): Promise<Registered> {
    if (!isMutable(ordinal)) {
      const { outcome, detail } = await this.perform({ kind: 'resolve', ordinal, revision: 0 }, unhurried)
      if (outcome === 'wrong')
        return { counted: 'failed', failure: `already there, but not the same: ${detail}` }
      // Not an answer to the question whether it is the same: the caller may ask again.
      if (outcome !== 'ok') throw new TargetError('BUSY', `${outcome}: ${detail}`)
    }
    // Whose answer was lost may have been registered by that very request, so it is taken for that.
    return { counted: isAnswerLost ? 'created' : 'identical' }
  }
}

/** One registration over all its attempts. */
type RegistrationAttempts = { readonly ordinal: number; isAnswerLost: boolean }

type WireIdentity = { readonly server: string | undefined; readonly statistics: HttpExchange | undefined }

const handlePort = 2641
const handleExists = 101
const descriptionAttribute = 'desc'
const httpApiAttribute = 'http-api'

/** Asks the server for its site, which any has; ours also says where its HTTP API is. */
async function identify(client: WireClient, options: TargetOptions): Promise<WireIdentity> {
  const { url, clock } = options
  try {
    const expirationSeconds = nowSeconds(clock) + options.timeoutSeconds + 1
    const [answer] = await client.send({
      opCode: operations.getSiteInfo,
      opFlags: 0,
      body: sized(siteHandle),
      expirationSeconds,
    })
    if (answer.responseCode !== responseCode.success) return { server: undefined, statistics: undefined }
    const { attributes } = decodeSiteData(answer.body)
    const attributeNamed = (name: string) => attributes.find((attribute) => attribute.name === name)?.value
    const api = attributeNamed(httpApiAttribute)
    return {
      server: attributeNamed(descriptionAttribute),
      statistics: api === undefined || !URL.canParse(api) ? undefined : statisticsOf(api, options),
    }
  } catch (error) {
    if (error instanceof EncodingError) return { server: undefined, statistics: undefined }
    if (!(error instanceof WireClientError)) throw error
    const message = `no server of the native Handle protocol answers at ${url}: ${error.message}`
    throw new TargetError('UNREACHABLE', message, { cause: error })
  }
}

// A request for the site names no handle in particular.
const siteHandle = '/'

function statisticsOf(url: string, { timeoutSeconds, clock }: TargetOptions): HttpExchange {
  return new HttpExchange({ url, connections: 1, timeoutSeconds, clock })
}

function secretKeyOf({ user, secret }: Credentials): SecretKey {
  const separator = user.indexOf(':')
  return {
    index: Number(user.slice(0, separator)),
    handle: user.slice(separator + 1),
    secret: Buffer.from(secret),
  }
}

function asTargetError(error: WireClientError): TargetError {
  return new TargetError(error.code === 'UNREACHABLE' ? 'CONNECTION' : error.code, error.message, {
    cause: error,
  })
}
