import { beforeAll, describe, expect, test } from 'vitest'
import { homePrefixes } from '../../src/first-start.ts'
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

  test('a data centre that is not there is named instead of waited for', async () => {
    const cassandra = { ...cassandraOptions(keyspace), dataCenter: 'dc9' }
    await expect(openCassandraStore({ cassandra })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/--cassandra-data-center is "dc9".*\[dc1\]/),
    })
  })

  test('of two nodes that home the same prefix at the same time one tells its administrator, with the secret that holds', async () => {
    await emptyKeyspace(keyspace)
    const open = () => openCassandraStore({ cassandra: cassandraOptions(keyspace) })
    const stores = await Promise.all([open(), open()])
    const options = { prefixes: ['88.7', '88.8', '88.9'], adminSecretFile: undefined, timestampSeconds: 1 }
    const homed = await Promise.all(stores.map((store) => homePrefixes(store, options)))
    expect(
      homed
        .flat()
        .map(({ prefix }) => prefix)
        .sort(),
    ).toEqual(['88.7', '88.8', '88.9'])
    for (const { prefix, secret = '' } of homed.flat()) {
      const record = await stores[0].get(`${prefix}/ADMIN`)
      expect(Buffer.from(record ?? []).toString('latin1')).toContain(secret)
    }
    await Promise.all(stores.map((store) => store.close()))
  })
})
