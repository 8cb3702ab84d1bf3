import { type Client, errors, types } from 'cassandra-driver'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CassandraClient, connectCassandra } from '../../src/store/cassandra/cassandra-client.ts'
import { demandSchema } from '../../src/store/cassandra/cassandra-schema.ts'
import { CassandraStore } from '../../src/store/cassandra/cassandra-store.ts'
import type { Mutation } from '../../src/store/store.ts'
import { systemClock } from '../../src/support/clock.ts'
import { cassandraOptions, freshKeyspace, hasCluster } from '../support/cassandra.ts'

type Execute = Client['execute']

/** What happens to the next conditional writes: before they are sent, and to their answers. */
type Mishap = { readonly before?: () => Promise<void>; readonly after?: () => Promise<void> }

describe.runIf(hasCluster())('a conditional write whose answer is lost', () => {
  let connected: CassandraClient
  let store: CassandraStore
  let other: CassandraStore
  const mishaps: Mishap[] = []

  beforeAll(async () => {
    const cassandra = cassandraOptions(await freshKeyspace())
    connected = await connectCassandra(cassandra)
    const schema = await demandSchema(connected.client, cassandra.keyspace)
    const parts = { cassandra, schema, clock: systemClock }
    const client = new Proxy(connected.client, {
      get: (target, name) => (name === 'execute' ? mishapping(target) : Reflect.get(target, name, target)),
    })
    store = new CassandraStore({ ...connected, client }, parts)
    other = new CassandraStore(await connectCassandra(cassandra), parts)
  })
  afterAll(async () => {
    await other?.close()
    await store?.close()
  })

  function mishapping(client: Client) {
    const execute = client.execute.bind(client) as (...call: Parameters<Execute>) => Promise<types.ResultSet>
    return async (...call: Parameters<Execute>): Promise<types.ResultSet> => {
      const mishap = / IF record = /.test(call[0]) ? mishaps.shift() : undefined
      await mishap?.before?.()
      const result = await execute(...call)
      await mishap?.after?.()
      return result
    }
  }

  const timeOut = async (): Promise<never> => {
    throw new errors.OperationTimedOutError('no answer came')
  }
  const settled = (outcome: string): number => connected.metrics.settled.get(outcome) ?? 0

  test('is known as mine where it was made', async () => {
    mishaps.push({ after: timeOut })
    expect(await store.commit([put('1/MINE', 'a', 'absent')])).toEqual([
      { applied: true, previous: undefined },
    ])
    expect(textOf(await other.get('1/MINE'))).toBe('a')
    expect(settled('mine')).toBe(1)
  })

  test('is known as mine though another has changed the record since', async () => {
    mishaps.push({
      after: async () => {
        await other.commit([put('1/CHANGED', 'b', 'present')])
        await timeOut()
      },
    })
    expect((await store.commit([put('1/CHANGED', 'a', 'absent')]))[0]?.applied).toBe(true)
    expect(textOf(await store.get('1/CHANGED'))).toBe('b')
  })

  test('is made once where it never arrived', async () => {
    mishaps.push({ before: timeOut })
    expect((await store.commit([put('1/LATE', 'a', 'absent')]))[0]?.applied).toBe(true)
    expect(settled('not_done')).toBe(1)
  })

  test('is known as lost to another who was faster', async () => {
    mishaps.push({
      before: async () => {
        await other.commit([put('1/LOST', 'theirs', 'absent')])
        await timeOut()
      },
    })
    const [result] = await store.commit([put('1/LOST', 'mine', 'absent')])
    expect([result?.applied, textOf(result?.previous)]).toEqual([false, 'theirs'])
    expect(settled('anothers')).toBe(1)
  })

  test('of a replacement that was itself replaced ends with a code of its own, and 503', async () => {
    await store.commit([put('1/TWICE', 'a', 'absent')])
    mishaps.push({
      after: async () => {
        await other.commit([put('1/TWICE', 'c', 'present')])
        await timeOut()
      },
    })
    const replacing = store.commit([put('1/TWICE', 'b', 'present')])
    await expect(replacing).rejects.toMatchObject({
      code: 'STORE_OUTCOME_UNKNOWN',
      status: 503,
      responseCode: 3,
    })
  })

  test('of a removal is known as mine, and leaves nothing', async () => {
    await store.commit([put('1/GONE', 'a', 'absent')])
    mishaps.push({ after: timeOut })
    const [result] = await store.commit([
      { key: '1/GONE', value: undefined, precondition: { kind: 'present' } },
    ])
    expect([result?.applied, textOf(result?.previous)]).toEqual([true, 'a'])
    expect(await other.get('1/GONE')).toBeUndefined()
  })

  test('fails only its own item of a commit of many', async () => {
    const overloaded = async (): Promise<never> => {
      throw new errors.ResponseError(types.responseErrorCodes.unavailableException, 'too few replicas')
    }
    mishaps.push({}, { before: overloaded }, {})
    const results = await store.commit(['1/I', '1/J', '1/K'].map((key) => put(key, 'x', 'absent')))
    expect(results.filter((result) => result.applied)).toHaveLength(2)
    const [failed] = results.filter((result) => result.failure !== undefined)
    expect(failed?.failure).toMatchObject({ code: 'STORE_UNAVAILABLE', responseCode: 3, status: 503 })
  })

  test('is given up within the time that a request has', async () => {
    mishaps.push(...Array.from({ length: 1000 }, (): Mishap => ({ before: timeOut })))
    const startMs = performance.now()
    await expect(store.commit([put('1/NEVER', 'x', 'absent')])).rejects.toMatchObject({
      code: 'STORE_OUTCOME_UNKNOWN',
    })
    mishaps.length = 0
    expect(performance.now() - startMs).toBeLessThan(cassandraOptions('any').requestTimeoutMs)
  })
})

function put(key: string, text: string, kind: 'absent' | 'present'): Mutation {
  return { key, value: new Uint8Array(Buffer.from(text)), precondition: { kind } }
}

function textOf(value: Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : Buffer.from(value).toString()
}
