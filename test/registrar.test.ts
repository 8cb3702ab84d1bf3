import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Identity } from '../src/authenticator.ts'
import { Authority } from '../src/authority.ts'
import { HeapCache } from '../src/cache/heap-cache.ts'
import { homePrefixes } from '../src/first-start.ts'
import { loadHomedPrefixes } from '../src/homed-prefixes.ts'
import { parseHandle } from '../src/identifier/handle.ts'
import { valuesFromJson } from '../src/identifier/value-input.ts'
import { Registrar } from '../src/registrar.ts'
import { type ResolvedRecord, recordOf } from '../src/resolved-record.ts'
import { Resolver } from '../src/resolver.ts'
import { MemoryStore } from '../src/store/memory.ts'
import type { Store } from '../src/store/store.ts'
import { systemClock } from '../src/support/clock.ts'

const admin: Identity = { handle: parseHandle('88.1/ADMIN'), index: 300 }
const stranger: Identity = { handle: parseHandle('88.1/OTHER'), index: 300 }
const url = (text: string) => valuesFromJson([{ index: 1, type: 'URL', data: text }], 1_700_000_000)
const handle = parseHandle('88.1/Sn-1')

/** A store whose reads come later, as a distributed engine's do, counting them. */
function asynchronous(store: MemoryStore): { store: Store; reads: () => number } {
  let reads = 0
  const slow: Store = {
    engine: 'slow',
    durability: 'none',
    capabilities: { ...store.capabilities, synchronousReads: false },
    get: async (key) => {
      reads++
      const found = store.get(key)
      await new Promise((resolve) => setTimeout(resolve, 2))
      return found
    },
    getMany: async (keys) => store.getMany(keys),
    commit: (mutations) => store.commit(mutations),
    scan: (request) => store.scan(request),
    count: (prefix) => store.count(prefix),
    countAll: () => store.countAll(),
    sizeOnDiskBytes: () => 0,
    unwritableBecause: () => undefined,
    close: () => store.close(),
  }
  return { store: slow, reads: () => reads }
}

for (const kind of ['synchronous', 'asynchronous'] as const) {
  describe(`over a store with ${kind} reads`, () => {
    let registrar: Registrar
    let resolver: Resolver
    let store: Store
    let reads = () => 0

    beforeEach(async () => {
      const memory = new MemoryStore()
      const slow = asynchronous(memory)
      store = kind === 'synchronous' ? memory : slow.store
      reads = slow.reads
      await homePrefixes(store, { prefixes: ['88.1'], adminSecretFile: undefined, timestampSeconds: 0 })
      const prefixes = await loadHomedPrefixes(store)
      const cache = new HeapCache<ResolvedRecord>(
        { bytesMax: 1 << 20, negativeBytesMax: 1 << 16, negativeTtlSeconds: 60, entriesMax: 1000 },
        { clock: systemClock },
      )
      resolver = new Resolver({ cache, store, prefixes, clock: systemClock })
      const authority = new Authority(resolver)
      registrar = new Registrar({ cache, store, prefixes, authority, mintSuffix: () => 'minted' })
    })
    afterEach(() => store.close())

    const resolvedUrl = async (): Promise<string | undefined> => {
      const resolved = await resolver.resolve(handle, { authoritative: false })
      return resolved && Buffer.from(recordOf(resolved).values[0]?.data ?? []).toString()
    }

    test('of many racing creations exactly one succeeds and the others see HANDLE_EXISTS', async () => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 50 }, (_, racer) =>
          registrar.register(
            { handle, values: url(`http://${racer}`) },
            { identity: admin, overwrite: false },
          ),
        ),
      )
      expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1)
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'HANDLE_EXISTS' })
      }
    })

    test('a resolve that starts after an acknowledged write sees it, with readers all the while', async () => {
      let writing = true
      const readers = Array.from({ length: 8 }, async () => {
        while (writing) {
          await resolvedUrl()
          await new Promise((resolve) => setImmediate(resolve))
        }
      })
      for (let revision = 0; revision < 50; revision++) {
        await registrar.register(
          { handle, values: url(`http://${revision}`) },
          { identity: admin, overwrite: true },
        )
        expect(await resolvedUrl()).toBe(`http://${revision}`)
      }
      await registrar.remove(handle, { identity: admin })
      expect(await resolvedUrl()).toBeUndefined()
      writing = false
      await Promise.all(readers)
    })

    test('a thousand concurrent misses of one handle read the store once', async () => {
      await registrar.register({ handle, values: url('http://x') }, { identity: admin, overwrite: false })
      const before = reads()
      await Promise.all(Array.from({ length: 1000 }, resolvedUrl))
      expect(reads() - before).toBe(kind === 'asynchronous' ? 1 : 0)
    })

    test('concurrent changes of different values of one record all survive', async () => {
      await registrar.register({ handle, values: url('http://x') }, { identity: admin, overwrite: false })
      const changes = [2, 3, 4, 5].map((index) =>
        registrar.putValues(
          { handle, values: valuesFromJson([{ index, type: 'NOTE', data: 'n' }], 0) },
          { identity: admin, overwrite: true },
        ),
      )
      await Promise.all(changes)
      const resolved = await resolver.resolve(handle, { authoritative: true })
      expect(
        resolved &&
          recordOf(resolved)
            .values.map((value) => value.index)
            .sort(),
      ).toEqual([1, 2, 3, 4, 5])
    })

    test('who holds no right over a record may not create, replace, change or delete it', async () => {
      const refused = { code: 'NOT_PERMITTED' }
      const registration = { handle, values: url('http://x') }
      const asStranger = { identity: stranger, overwrite: true }
      await expect(registrar.register(registration, asStranger)).rejects.toMatchObject(refused)
      await registrar.register(registration, { identity: admin, overwrite: false })
      await expect(registrar.register(registration, asStranger)).rejects.toMatchObject(refused)
      await expect(registrar.putValues(registration, asStranger)).rejects.toMatchObject(refused)
      await expect(registrar.removeValues(handle, [1], asStranger)).rejects.toMatchObject(refused)
      await expect(registrar.remove(handle, asStranger)).rejects.toMatchObject(refused)
      expect(await resolvedUrl()).toBe('http://x')
    })

    test('a bulk registration has a result for each item, whatever becomes of the others', async () => {
      const item = (text: string, address: string) => ({ handle: parseHandle(text), values: url(address) })
      const results = await registrar.registerMany(
        [
          item('88.1/a', 'http://a'),
          item('99.9/b', 'http://b'),
          item('88.1/A', 'http://a'),
          item('88.1/a', 'http://c'),
        ],
        { identity: admin, overwrite: false },
      )
      expect(results.map((result) => result.status)).toEqual([
        'created',
        'failed',
        'exists-identical',
        'exists',
      ])
    })
  })
}
