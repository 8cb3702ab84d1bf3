import { assert } from '../../src/support/assert.ts'
import { createPrng, type Prng } from '../../src/support/prng.ts'
import type { Operation, OperationResult } from '../workload/operation.ts'
import { isMutable } from '../workload/ordinal-classes.ts'
import { bulkBody, bulkPath, readBulkAnswer } from './bulk-registration.ts'
import { checkAnswer, refusal, requestOf } from './handle-http-operation.ts'
import { basicAuthorization, handlePath } from './handle-path.ts'
import { homePrefixes } from './home-prefixes.ts'
import { type Exchanger, type HttpAnswer, HttpExchange } from './http-exchange.ts'
import type { TargetOptions } from './index.ts'
import { LeanExchange } from './lean-exchange.ts'
import { describeStatistics, numbersOf, readStatistics } from './node-statistics.ts'
import { performSingly } from './perform-singly.ts'
import { registerSingly } from './register-singly.ts'
import type { BatchResult, Target, TargetCapabilities, TargetIdentity } from './target.ts'
import { TargetError } from './target-error.ts'

/** An interruption lets what is under way finish: cut off, nobody would know what became of it. */
const unhurried = new AbortController().signal
/** A batch of thousands under a store's compaction may take a while; nobody's latency is measured by it. */
const bulkTimeoutSeconds = 120

/** How a server answers that knows nothing of what it is asked for. */
const unknownStatuses: ReadonlySet<number> = new Set([404, 405, 501])

/** Opens a server of the Handle HTTP JSON API, ours or a foreign one: asks it first what it can do beyond the protocol. */
export async function openHandleHttpTarget(options: TargetOptions): Promise<Target> {
  const { url, connections, timeoutSeconds, requestsPerConnection, insecure, clock } = options
  const singles = url.startsWith('http:')
    ? new LeanExchange({ url, connections, timeoutSeconds, requestsPerConnection, clock })
    : new HttpExchange({ url, connections, timeoutSeconds, requestsPerConnection, insecure, clock })
  const bulk = new HttpExchange({ url, connections, timeoutSeconds: bulkTimeoutSeconds, insecure, clock })
  try {
    const capabilities = await discover(singles, options)
    return new HandleHttpTarget(options, singles, bulk, capabilities)
  } catch (error) {
    await Promise.all([singles.close(), bulk.close()])
    throw error
  }
}

class HandleHttpTarget implements Target {
  #capabilities: TargetCapabilities
  #hasTakenBatches = false
  readonly #options: TargetOptions
  readonly #singles: Exchanger
  readonly #bulk: Exchanger
  readonly #authorization: string | undefined
  /** Spreads retries. */
  readonly #prng: Prng

  constructor(options: TargetOptions, singles: Exchanger, bulk: Exchanger, capabilities: TargetCapabilities) {
    this.#options = options
    this.#singles = singles
    this.#bulk = bulk
    this.#capabilities = capabilities
    this.#authorization = options.credentials && basicAuthorization(options.credentials)
    this.#prng = createPrng(options.clock.nowNs())
  }

  get capabilities(): TargetCapabilities {
    return this.#capabilities
  }

  perform(operation: Operation, signal: AbortSignal): Promise<OperationResult> {
    const { generator } = this.#options
    if (operation.kind === 'bulk' && !this.capabilities.bulkRegistration)
      return this.#performSingly(operation, signal)
    const request = requestOf({ operation, generator, authorization: this.#authorization })
    // One promise fewer for each `await` that is not written: the generator's own cost is part of what it measures.
    return this.#singles
      .send(request, signal)
      .then(
        (answer) =>
          operation.kind === 'bulk' && this.#turnsOutSingle(answer)
            ? this.#performSingly(operation, signal)
            : checkAnswer({ operation, generator }, answer),
        failureOf,
      )
  }

  async registerRange(from: number, to: number, signal: AbortSignal): Promise<BatchResult> {
    assert(from < to, 'a range of registrations is not empty')
    if (!this.capabilities.bulkRegistration) return this.#registerSingly(from, to, signal)
    const records = Array.from({ length: to - from }, (_, offset) =>
      this.#options.generator.recordOf(from + offset, 0),
    )
    const headers = { 'content-type': 'application/x-ndjson', ...this.#authorize() }
    const path = `${bulkPath}?overwrite=false`
    const answer = await this.#bulk.send(
      { method: 'POST', path, headers, body: bulkBody(records) },
      unhurried,
    )
    if (this.#turnsOutSingle(answer)) return this.#registerSingly(from, to, signal)
    if (answer.status !== 200) throw refusal(answer, `POST ${bulkPath}`)
    return readBulkAnswer(answer.body.toString('utf8'), records, (index) => isMutable(from + index))
  }

  homePrefixes(prefixes: readonly string[], signal: AbortSignal): Promise<void> {
    const { credentials } = this.#options
    return homePrefixes(this.#singles, { prefixes, credentials, authorization: this.#authorization }, signal)
  }

  async statistics(signal: AbortSignal): Promise<Readonly<Record<string, number>> | undefined> {
    if (!this.capabilities.statistics) return undefined
    const statistics = await readStatistics(this.#singles, signal)
    return statistics && numbersOf(statistics)
  }

  async describe(signal: AbortSignal): Promise<TargetIdentity> {
    const { url } = this.#options
    if (!this.capabilities.statistics) {
      const answer = await this.#singles.send({ method: 'GET', path: handlePath('0.NA/0.NA') }, signal)
      const server = answer.headers.server
      return { url, ...(server === undefined ? {} : { server: String(server) }) }
    }
    return { url, ...describeStatistics((await readStatistics(this.#singles, signal)) ?? {}) }
  }

  async close(): Promise<void> {
    await Promise.all([this.#bulk.close(), this.#singles.close()])
  }

  /** Whether this answer to a batch shows that the server takes none: some allow POST wherever they are asked. */
  #turnsOutSingle({ status }: HttpAnswer): boolean {
    if (status === 200) this.#hasTakenBatches = true
    if (this.#hasTakenBatches || !unknownStatuses.has(status)) return false
    if (this.capabilities.bulkRegistration) {
      const { url, tell } = this.#options
      tell?.(`${url} allows POST ${bulkPath} but answers it ${status}: identifiers are registered one by one`)
    }
    this.#capabilities = { ...this.capabilities, bulkRegistration: false }
    return true
  }

  #performSingly(bulk: Operation, signal: AbortSignal): Promise<OperationResult> {
    return performSingly(bulk, (single) => this.perform(single, signal))
  }

  #registerSingly(from: number, to: number, signal: AbortSignal): Promise<BatchResult> {
    const { generator } = this.#options
    const resolve = (ordinal: number) => this.perform({ kind: 'resolve', ordinal, revision: 0 }, unhurried)
    return registerSingly(
      {
        ...{ from, to, generator, resolve, exchange: this.#singles },
        ...{ authorization: this.#authorization, prng: this.#prng },
      },
      signal,
    )
  }

  #authorize(): Record<string, string> {
    return this.#authorization === undefined ? {} : { authorization: this.#authorization }
  }
}

function failureOf(error: unknown): OperationResult {
  if (!(error instanceof TargetError)) throw error
  const outcome = error.code === 'TIMEOUT' ? 'timeout' : 'error'
  return { outcome, detail: error.message }
}

async function discover(exchange: Exchanger, { url }: TargetOptions): Promise<TargetCapabilities> {
  const signal = AbortSignal.timeout(bulkTimeoutSeconds * 1000)
  try {
    const options = await exchange.send({ method: 'OPTIONS', path: bulkPath }, signal)
    const allowed = String(options.headers.allow ?? '')
    const statistics = await readStatistics(exchange, signal)
    return {
      bulkRegistration: options.status < 300 && allowed.includes('POST'),
      statistics: statistics !== undefined,
    }
  } catch (error) {
    if (!(error instanceof TargetError)) throw error
    throw new TargetError('UNREACHABLE', `no Handle HTTP server answers at ${url}: ${error.message}`, {
      cause: error,
    })
  }
}
