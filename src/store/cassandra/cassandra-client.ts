import { readFileSync } from 'node:fs'
import { Client, errors, policies, types } from 'cassandra-driver'
import { StartupError } from '../../errors.ts'
import { reasonOf } from './cassandra-errors.ts'
import { CassandraMetrics, HostLatencies } from './cassandra-metrics.ts'
import type { CassandraConsistency, CassandraOptions } from './cassandra-options.ts'
import { BudgetedSpeculation } from './speculation.ts'

/** A connected client with what it counts. */
export type CassandraClient = {
  readonly client: Client
  readonly metrics: CassandraMetrics
  readonly latencies: HostLatencies
}

const reconnectBaseMs = 250
const reconnectMaxMs = 5000

// A node that is frozen answers nothing: so many time-outs, and its connections are given up.
const silentAnswersMax = 16
const heartBeatIntervalMs = 3000

/**
 * What one try may take of a request's time: a write that gets no answer, and a serial read that asks what became of it and is
 * itself tried twice, are over in time.
 */
export function attemptTimeoutMs({ requestTimeoutMs }: Pick<CassandraOptions, 'requestTimeoutMs'>): number {
  return Math.max(1, Math.floor(requestTimeoutMs * 0.3))
}

/**
 * Asks other hosts again, and only for what may be done twice; the driver's own policy goes through all hosts. A read gets as
 * many tries as its time has room for; a serial one, which asks what became of a write, one less: the write took a try.
 */
class TriesInTime extends policies.retry.RetryPolicy {
  override onReadTimeout(operation: policies.retry.OperationInfo) {
    return this.#again(operation)
  }

  override onUnavailable(operation: policies.retry.OperationInfo) {
    return this.#again(operation)
  }

  override onWriteTimeout(operation: policies.retry.OperationInfo) {
    return operation.executionOptions.isIdempotent() ? this.#again(operation) : this.rethrowResult()
  }

  override onRequestError(operation: policies.retry.OperationInfo) {
    return operation.executionOptions.isIdempotent() ? this.#again(operation) : this.rethrowResult()
  }

  #again({ nbRetry, executionOptions }: policies.retry.OperationInfo): policies.retry.DecisionInfo {
    const isSerial = serialLevels.has(executionOptions.getConsistency())
    const again = executionOptions.isIdempotent() && !isSerial ? 2 : 1
    if (nbRetry >= again) return this.rethrowResult()
    // The driver reads an absent level as the one that was asked for; its types do not say so.
    return this.retryResult(undefined as unknown as types.consistencies, false)
  }
}

const serialLevels = new Set([types.consistencies.serial, types.consistencies.localSerial])

/**
 * Connects to the cluster. Reads are idempotent and asked of a second replica when the first is slow; the driver chooses
 * a replica of the key (token-aware) in the local data centre and prepares each statement once.
 * @throws NoHostAvailableError of the driver where nobody answers, StartupError for a file that cannot be read.
 */
export async function connectCassandra(options: CassandraOptions): Promise<CassandraClient> {
  const { contactPoints, dataCenter, speculativeDelayMs } = options
  const speculation = new BudgetedSpeculation(speculativeDelayMs)
  const metrics = new CassandraMetrics(() => speculation.spent())
  const latencies = new HostLatencies()
  const client = new Client({
    contactPoints: [...contactPoints],
    localDataCenter: dataCenter,
    metrics,
    requestTracker: latencies,
    policies: {
      retry: new TriesInTime(),
      speculativeExecution: speculation,
      reconnection: new policies.reconnection.ExponentialReconnectionPolicy(
        reconnectBaseMs,
        reconnectMaxMs,
        false,
      ),
    },
    pooling: { heartBeatInterval: heartBeatIntervalMs },
    socketOptions: {
      readTimeout: attemptTimeoutMs(options),
      connectTimeout: attemptTimeoutMs(options),
      defunctReadTimeoutThreshold: silentAnswersMax,
    },
    queryOptions: {
      prepare: true,
      consistency: consistencyOf(options.consistency),
      serialConsistency: serialConsistencyOf(options),
    },
    ...credentialsOf(options),
    ...tlsOf(options),
  })
  try {
    await client.connect()
    return { client, metrics, latencies }
  } catch (error) {
    await closeClient(client)
    throw error
  }
}

/**
 * Ends a client. The driver's own end may never come where hosts went away just before: the node must not wait for it, and
 * what the driver leaves behind ends with the process.
 */
export function closeClient(client: Pick<Client, 'shutdown'>): Promise<void> {
  return inTime(client.shutdown())
}

/** Waits for work at the cluster's end, whatever becomes of it, and not for ever. */
export async function inTime(work: Promise<unknown>): Promise<void> {
  const bound = new AbortController()
  const isOver = pause(closeMsMax, bound.signal)
  await Promise.race([work.catch(() => undefined), isOver])
  bound.abort()
}

const closeMsMax = 3000

/** The driver's number for a level. */
export function consistencyOf(consistency: CassandraConsistency): types.consistencies {
  switch (consistency) {
    case 'local_quorum':
      return types.consistencies.localQuorum
    case 'quorum':
      return types.consistencies.quorum
    case 'each_quorum':
      return types.consistencies.eachQuorum
  }
}

/** Among whom a conditional write is agreed. */
export function serialConsistencyOf({
  serialConsistency,
}: Pick<CassandraOptions, 'serialConsistency'>): types.consistencies {
  return serialConsistency === 'local_serial' ? types.consistencies.localSerial : types.consistencies.serial
}

/** Tries until the cluster answers, telling why it does not; the signal ends the wait. @throws StartupError */
export async function waitForCassandra(
  options: CassandraOptions,
  waiting: { readonly signal: AbortSignal; whenWaiting(reason: string): void },
): Promise<CassandraClient> {
  for (;;) {
    try {
      return await connectCassandra(options)
    } catch (error) {
      if (error instanceof StartupError) throw error
      const reason = reasonOf(error)
      if (isCausedBy(error, errors.AuthenticationError))
        throw new StartupError('CONFIG_INVALID', `the cluster refuses the node: ${reason}`, { cause: error })
      // The cluster has told its data centres: waiting would not add one.
      if (isCausedBy(error, errors.ArgumentError))
        throw new StartupError(
          'CONFIG_INVALID',
          `--cassandra-data-center is "${options.dataCenter}"; ${reason}`,
          { cause: error },
        )
      waiting.whenWaiting(`waiting for Cassandra at ${options.contactPoints.join(', ')}: ${reason}`)
    }
    await pause(retryEveryMs, waiting.signal)
    if (waiting.signal.aborted)
      throw new StartupError('STORE_UNREACHABLE', 'stopped while waiting for the Cassandra cluster')
  }
}

/** Whether an error, or what a host that was asked made of it, is of a kind. */
function isCausedBy(
  error: unknown,
  kind: typeof errors.ArgumentError | typeof errors.AuthenticationError,
): boolean {
  const byHost = error instanceof errors.NoHostAvailableError ? Object.values(error.innerErrors ?? {}) : []
  return [error, ...byHost].some((one) => one instanceof kind)
}

const retryEveryMs = 1000

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}

function credentialsOf({ user, passwordFile }: CassandraOptions) {
  if (user === undefined || passwordFile === undefined) return {}
  const password = fileText(passwordFile, '--cassandra-password-file').trim()
  return { credentials: { username: user, password } }
}

function tlsOf({ tlsAuthorityFile, tlsCertificateFile, tlsKeyFile }: CassandraOptions) {
  if (tlsAuthorityFile === undefined) return {}
  const own =
    tlsCertificateFile === undefined || tlsKeyFile === undefined
      ? {}
      : {
          cert: fileText(tlsCertificateFile, '--cassandra-tls-certificate'),
          key: fileText(tlsKeyFile, '--cassandra-tls-key'),
        }
  const ca = [fileText(tlsAuthorityFile, '--cassandra-tls-authority')]
  return { sslOptions: { ca, rejectUnauthorized: true, ...own } }
}

function fileText(path: string, flag: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const problem = `${flag} is "${path}"; expected a file that can be read: ${(cause as Error).message}`
    throw new StartupError('CONFIG_INVALID', problem, { cause })
  }
}
