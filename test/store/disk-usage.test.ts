import { expect, test } from 'vitest'
import { DiskUsage } from '../../src/store/cassandra/disk-usage.ts'

type Client = ConstructorParameters<typeof DiskUsage>[0]['client']
type FakeHost = { readonly datacenter: string; isUp: () => boolean; readonly mebibytes: readonly number[] }

test('the size is the sum over tables and hosts of the own data centre, and asked for again when it is old', async () => {
  const hosts = [host('dc1', [1, 2]), host('dc1', [4]), host('dc2', [100])]
  const { usage, asked, advance } = over(hosts)
  expect(await usage.bytes()).toBe(7 * 2 ** 20)
  expect(await usage.bytes()).toBe(7 * 2 ** 20)
  expect(asked()).toBe(2)
  advance(11)
  expect(await usage.bytes()).toBe(7 * 2 ** 20)
  expect(asked()).toBe(4)
})

test('while a host is away or gives an error there is no size, rather than a part of it', async () => {
  const away = over([host('dc1', [1]), { ...host('dc1', [1]), isUp: () => false }])
  expect(await away.usage.bytes()).toBeUndefined()
  const broken = over([host('dc1', [1]), host('dc1', [])], { failing: 1 })
  expect(await broken.usage.bytes()).toBeUndefined()
  expect(await over([]).usage.bytes()).toBeUndefined()
})

function host(datacenter: string, mebibytes: readonly number[]): FakeHost {
  return { datacenter, isUp: () => true, mebibytes }
}

function over(hosts: readonly FakeHost[], { failing }: { readonly failing?: number } = {}) {
  let nowNs = 0
  let asked = 0
  const client = {
    hosts: { values: () => hosts },
    execute: async (_query: string, _parameters: unknown, options: { readonly host: FakeHost }) => {
      asked++
      if (options.host === hosts[failing ?? -1]) throw new Error('not allowed')
      return { rows: options.host.mebibytes.map((mebibytes) => ({ get: () => mebibytes })) }
    },
  } as unknown as Client
  const options = { keyspace: 'erji', dataCenter: 'dc1' }
  return {
    usage: new DiskUsage({ client, options, clock: { nowNs: () => nowNs } }),
    asked: () => asked,
    advance: (seconds: number) => {
      nowNs += seconds * 1e9
    },
  }
}
