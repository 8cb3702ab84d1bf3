import type { StoreOptions } from '../../src/store/index.ts'
import { levelOptions } from './level-options.ts'

/** What any engine is opened from; the cluster of the distributed one is where nobody listens. */
export function storeOptionsFor(
  directory: string,
  change: Parameters<typeof levelOptions>[1] = {},
): StoreOptions {
  return {
    ...levelOptions(directory, change),
    cassandra: {
      contactPoints: ['127.0.0.1:1'],
      dataCenter: 'dc1',
      keyspace: 'erji',
      consistency: 'local_quorum',
      serialConsistency: 'serial',
      requestTimeoutMs: 1000,
      speculativeDelayMs: 100,
      writesInFlightMax: 8,
      user: undefined,
      passwordFile: undefined,
      tlsAuthorityFile: undefined,
      tlsCertificateFile: undefined,
      tlsKeyFile: undefined,
    },
  }
}
