import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Mutation, Store } from '../../src/store/store.ts'

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))
const put = (key: string, value: string): Mutation => ({
  key,
  value: bytes(value),
  precondition: { kind: 'none' },
})
const remove = (key: string): Mutation => ({ key, value: undefined, precondition: { kind: 'none' } })
const textOf = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : Buffer.from(value).toString()

/** What every engine promises, run over each row of the table of stores. */
export function storeContract(name: string, open: () => Promise<Store>): void {
  describe(`${name} keeps the store contract`, () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    test('what is committed is read back, one by one and many at once', async () => {
      await store.commit([put('1/A', 'a'), put('1/中', 'b')])
      expect(textOf(await store.get('1/中'))).toBe('b')
      expect((await store.getMany(['1/A', '1/X', '1/中'])).map(textOf)).toEqual(['a', undefined, 'b'])
    })

    test('each mutation is judged by its own precondition and says what it met', async () => {
      await store.commit([put('1/A', 'a')])
      const results = await store.commit([
        { key: '1/A', value: bytes('x'), precondition: { kind: 'absent' } },
        { key: '1/B', value: bytes('x'), precondition: { kind: 'present' } },
        { key: '1/A', value: bytes('y'), precondition: { kind: 'equals', value: bytes('a') } },
        { key: '1/A', value: bytes('z'), precondition: { kind: 'equals', value: bytes('a') } },
      ])
      expect(results.map((result) => result.applied)).toEqual([false, false, true, false])
      expect(results.map((result) => textOf(result.previous))).toEqual(['a', undefined, 'a', 'y'])
      expect(textOf(await store.get('1/A'))).toBe('y')
    })

    test('of many racing creations of one key exactly one is applied', async () => {
      const racers = Array.from({ length: 64 }, (_, racer) =>
        store.commit([{ key: '1/RACE', value: bytes(String(racer)), precondition: { kind: 'absent' } }]),
      )
      const applied = (await Promise.all(racers)).flat().filter((result) => result.applied)
      expect(applied).toHaveLength(1)
    })

    test('a scan is ordered by UTF-8 bytes and its cursor resumes it without gap or repeat', async () => {
      const keys = ['1/\u{1F600}', '1/\uFFFD', '1/A', '1/B', '1/é', '2/A']
      await store.commit(keys.map((key) => put(key, key)))
      const found: string[] = []
      let after: string | undefined
      do {
        const page = await store.scan({
          keyPrefix: '1/',
          entriesMax: 2,
          ...(after === undefined ? {} : { after }),
        })
        found.push(...page.entries.map((entry) => entry.key))
        after = page.cursor
      } while (after !== undefined)
      const expected = keys.filter((key) => key.startsWith('1/'))
      expect(found).toEqual(
        expected.sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right))),
      )
    })

    test('records and counts equal a plain map after any sequence of commits', async () => {
      const model = new Map<string, string>()
      const change = fc.record({
        key: fc.constantFrom('1/A', '1/B', '2/A', '3/A/B'),
        value: fc.option(fc.string()),
      })
      await fc.assert(
        fc.asyncProperty(fc.array(change, { maxLength: 20 }), async (changes) => {
          await store.commit(
            changes.map(({ key, value }) => (value === null ? remove(key) : put(key, value))),
          )
          for (const { key, value } of changes) {
            if (value === null) model.delete(key)
            else model.set(key, value)
          }
          for (const key of ['1/A', '1/B', '2/A', '3/A/B']) {
            expect(textOf(await store.get(key))).toBe(model.get(key))
          }
          for (const prefix of ['1', '2', '3']) {
            const counted = [...model.keys()].filter((key) => key.startsWith(`${prefix}/`)).length
            expect(await store.count(prefix, 'exact')).toBe(counted)
          }
          expect(await store.countAll()).toBe(model.size)
        }),
        { numRuns: 50 },
      )
    })
  })
}
