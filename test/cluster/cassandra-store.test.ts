import { beforeAll, describe, expect, test } from 'vitest'
import { openCassandraStore } from '../../src/store/cassandra/cassandra-store.ts'
import { storeContract } from '../contract/store-contract.ts'
import { cassandraOptions, emptyKeyspace, freshKeyspace, hasCluster } from '../support/cassandra.ts'

describe.runIf(hasCluster())('the distributed store over a real cluster', () => {
  let keyspace: string
  beforeAll(async () => {
    keyspace = await freshKeyspace()
  })

  storeContract('cassandra', async () => {
    await emptyKeyspace(keyspace)
    return openCassandraStore({ cassandra: cassandraOptions(keyspace) })
  })

  test('a keyspace that nobody has made is named with the command that makes it', async () => {
    const opening = openCassandraStore({ cassandra: cassandraOptions('erji_nowhere') })
    await expect(opening).rejects.toMatchObject({
      code: 'STORE_SCHEMA_MISSING',
      message: expect.stringContaining('run erji store init'),
    })
  })
})
