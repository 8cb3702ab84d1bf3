import { readFileSync } from 'node:fs'
import { Client, policies, types } from 'cassandra-driver'
import { StartupError } from '../../errors.ts'
import { reasonOf } from './cassandra-errors.ts'
import { CassandraMetrics, HostLatencies } from './cassandra-metrics.ts'
import type { CassandraConsistency, CassandraOptions } from './cassandra-options.ts'

/** A connected client with what it counts. */
export type CassandraClient = {
  readonly client: Client
  readonly metrics: CassandraMetrics
  readonly latencies: HostLatencies
}

const speculativeExecutionsMax = 2
const connectTimeoutMs = 5000
const reconnectBaseMs = 250
const reconnectMaxMs = 5000

/**
 * Connects to the cluster. Reads are idempotent and asked of a second replica when the first is slow; the driver chooses
 * a replica of the key (token-aware) in the local data centre and prepares each statement once.
 * @throws NoHostAvailableError of the driver where nobody answers, StartupError for a file that cannot be read.
 */
export async function connectCassandra(options: CassandraOptions): Promise<CassandraClient> {
  const metrics = new CassandraMetrics()
  const latencies = new HostLatencies()
  const { contactPoints, dataCenter, requestTimeoutMs, speculativeDelayMs } = options
  const client = new Client({
    contactPoints: [...contactPoints],
    localDataCenter: dataCenter,
    metrics,
    requestTracker: latencies,
    policies: {
      speculativeExecution: new policies.speculativeExecution.ConstantSpeculativeExecutionPolicy(
        speculativeDelayMs,
        speculativeExecutionsMax,
      ),
      reconnection: new policies.reconnection.ExponentialReconnectionPolicy(
        reconnectBaseMs,
        reconnectMaxMs,
        false,
      ),
    },
    socketOptions: { readTimeout: requestTimeoutMs, connectTimeout: connectTimeoutMs },
    queryOptions: {
      prepare: true,
      consistency: consistencyOf(options.consistency),
      serialConsistency: serialConsistencyOf(options.consistency),
    },
    ...credentialsOf(options),
    ...tlsOf(options),
  })
  try {
    await client.connect()
    return { client, metrics, latencies }
  } catch (error) {
    await client.shutdown()
    throw error
  }
}

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

/** Conditional writes agree within the data centre when everything else does, else over all of them. */
export function serialConsistencyOf(consistency: CassandraConsistency): types.consistencies {
  return consistency === 'local_quorum' ? types.consistencies.localSerial : types.consistencies.serial
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
      if (/credentials|authenticat/i.test(reason))
        throw new StartupError('CONFIG_INVALID', `the cluster refuses the node: ${reason}`, { cause: error })
      waiting.whenWaiting(`waiting for Cassandra at ${options.contactPoints.join(', ')}: ${reason}`)
    }
    await pause(retryEveryMs, waiting.signal)
    if (waiting.signal.aborted)
      throw new StartupError('STORE_UNREACHABLE', 'stopped while waiting for the Cassandra cluster')
  }
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

function tlsOf({ tlsAuthorityFile }: CassandraOptions) {
  if (tlsAuthorityFile === undefined) return {}
  return {
    sslOptions: { ca: [fileText(tlsAuthorityFile, '--cassandra-tls-authority')], rejectUnauthorized: true },
  }
}

function fileText(path: string, flag: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const problem = `${flag} is "${path}"; expected a file that can be read: ${(cause as Error).message}`
    throw new StartupError('CONFIG_INVALID', problem, { cause })
  }
}
