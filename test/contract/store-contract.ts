import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Mutation, Precondition, ScanRequest, Store } from '../../src/store/store.ts'

/** What every engine promises, run over each row of the table of stores and each durability that it offers. */
export function storeContract(name: string, open: () => Promise<Store>): void {
  describe(`${name} keeps the store contract`, () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    test('offers the durability that it runs with', () => {
      expect(store.capabilities.durabilities).toContain(store.durability)
    })

    test('answers at once exactly when it says so', async () => {
      for (const answer of [store.get('1/A'), store.getMany(['1/A'])]) {
        expect(answer instanceof Promise).toBe(!store.capabilities.synchronousReads)
        await answer
      }
    })

    test('what is committed is read back, one by one and many at once, in the order of the keys asked', async () => {
      await store.commit([put('1/A', 'a'), put('1/中', 'b'), put('1/\u{1F6B2}', '')])
      expect(textOf(await store.get('1/中'))).toBe('b')
      expect(textOf(await store.get('1/\u{1F6B2}'))).toBe('')
      expect(await store.get('1/a')).toBeUndefined()
      const many = await store.getMany(['1/A', '1/X', '1/中', '1/A'])
      expect(many.map(textOf)).toEqual(['a', undefined, 'b', 'a'])
      expect(await store.getMany([])).toEqual([])
    })

    test.each(['', '8', '88'])(
      'a long key of any script behind %j is found whole after a short one',
      async (lead) => {
        for (const character of ['x', '设', '\u{1F6B2}']) {
          // An engine may size what it keeps for keys by the first that it sees.
          const fresh = await open()
          try {
            const short = '88.1/A'
            const long = `${lead}88.118/${character.repeat(Math.floor(2000 / Buffer.byteLength(character)))}`
            await fresh.commit([put(short, 'short')])
            await fresh.commit([put(long, 'long')])
            expect([textOf(await fresh.get(short)), textOf(await fresh.get(long))]).toEqual(['short', 'long'])
            const [overwritten] = await fresh.commit([put(long, 'again')])
            expect(textOf(overwritten?.previous)).toBe('long')
            expect((await fresh.getMany([long])).map(textOf)).toEqual(['again'])
          } finally {
            await fresh.close()
          }
        }
      },
    )

    test('bytes come back as they are, none to a mebibyte of them', async () => {
      const every = Uint8Array.from({ length: 256 }, (_, byte) => byte)
      const large = new Uint8Array(1 << 20).fill(7)
      const empty = new Uint8Array()
      await store.commit([every, large, empty].map((value, index) => ({ ...put(`1/${index}`, ''), value })))
      for (const [index, value] of [every, large, empty].entries()) {
        expect(Buffer.compare((await store.get(`1/${index}`)) ?? Buffer.from('lost'), value)).toBe(0)
      }
    })

    test.each<readonly [Precondition, { onAbsent: boolean; onPresent: boolean; onOther: boolean }]>([
      [{ kind: 'none' }, { onAbsent: true, onPresent: true, onOther: true }],
      [{ kind: 'absent' }, { onAbsent: true, onPresent: false, onOther: false }],
      [{ kind: 'present' }, { onAbsent: false, onPresent: true, onOther: true }],
      [
        { kind: 'equals', value: bytes('met') },
        { onAbsent: false, onPresent: true, onOther: false },
      ],
    ])('the precondition %j decides on writing and on deleting', async (precondition, expected) => {
      for (const value of [bytes('new'), undefined]) {
        await store.commit([put('1/PRESENT', 'met'), put('1/OTHER', 'mets'), remove('1/ABSENT')])
        const keys = ['1/ABSENT', '1/PRESENT', '1/OTHER']
        const results = await store.commit(keys.map((key) => ({ key, value, precondition })))
        const applied = [expected.onAbsent, expected.onPresent, expected.onOther]
        expect(results.map((result) => result.applied)).toEqual(applied)
        expect(results.map((result) => textOf(result.previous))).toEqual([undefined, 'met', 'mets'])
        const found = (await store.getMany(keys)).map(textOf)
        const before = [undefined, 'met', 'mets']
        expect(found).toEqual(applied.map((one, index) => (one ? textOf(value) : before[index])))
      }
    })

    test('mutations of one commit meet what those before them wrote, and count once', async () => {
      const results = await store.commit([
        { key: '1/A', value: bytes('a'), precondition: { kind: 'absent' } },
        { key: '1/A', value: bytes('b'), precondition: { kind: 'absent' } },
        { key: '1/A', value: bytes('c'), precondition: { kind: 'equals', value: bytes('a') } },
        { key: '1/A', value: undefined, precondition: { kind: 'present' } },
        { key: '1/A', value: bytes('d'), precondition: { kind: 'absent' } },
      ])
      expect(results.map((result) => result.applied)).toEqual([true, false, true, true, true])
      expect(results.map((result) => textOf(result.previous))).toEqual([undefined, 'a', 'a', 'c', undefined])
      expect(textOf(await store.get('1/A'))).toBe('d')
      expect(await store.count('1', 'exact')).toBe(1)
    })

    test('a commit of nothing is acknowledged', async () => {
      expect(await store.commit([])).toEqual([])
    })

    test('of many racing creations of one key exactly one is applied, and all see the same winner', async () => {
      const racers = await Promise.all(
        Array.from({ length: 64 }, (_, racer) =>
          store.commit([{ key: '1/RACE', value: bytes(`${racer}`), precondition: { kind: 'absent' } }]),
        ),
      )
      const winner = racers.findIndex(([result]) => result?.applied)
      expect(racers.filter(([result]) => result?.applied)).toHaveLength(1)
      for (const [result] of racers.filter((_, racer) => racer !== winner)) {
        expect(textOf(result?.previous)).toBe(`${winner}`)
      }
      expect(textOf(await store.get('1/RACE'))).toBe(`${winner}`)
    })

    test('increments on a precondition lose none, however many race', async () => {
      await store.commit([put('1/COUNTER', '0')])
      const increment = async (): Promise<void> => {
        for (;;) {
          const present = (await store.get('1/COUNTER')) ?? bytes('gone')
          const value = bytes(`${Number(textOf(present)) + 1}`)
          const equals = { kind: 'equals', value: present } as const
          const [result] = await store.commit([{ key: '1/COUNTER', value, precondition: equals }])
          if (result?.applied) return
        }
      }
      await Promise.all(Array.from({ length: 20 }, increment))
      expect(textOf(await store.get('1/COUNTER'))).toBe('20')
    })

    test('what is acknowledged is seen at once by every kind of look', async () => {
      for (let round = 0; round < 20; round++) {
        await store.commit([put(`1/${round}`, 'x')])
        expect(textOf(await store.get(`1/${round}`))).toBe('x')
        expect(await store.count('1', 'exact')).toBe(round + 1)
        expect(await store.countAll()).toBe(round + 1)
        await store.commit([put('2/GONE', 'x')])
        await store.commit([remove('2/GONE')])
        expect(await store.get('2/GONE')).toBeUndefined()
        expect(await store.count('2', 'exact')).toBe(0)
      }
    })

    test('a scan is ordered by UTF-8 bytes and its cursor resumes it without gap or repeat', async () => {
      // U+FFFD sorts before U+1F600 by bytes and after it by UTF-16 units.
      const keys = [
        '1/\u{1F600}',
        '1/\uFFFD',
        '1/A',
        '1/A/B',
        '1/A ',
        '1/é',
        '1/中',
        '10/A',
        '2/A',
        '\uFF21/A',
      ]
      await store.commit([...keys.map((key) => put(key, key)), put('1/DELETED', ''), remove('1/DELETED')])
      for (const keyPrefix of ['', '1', '1/', '1/A', '1/\u{1F600}', '\uFF21', '3/']) {
        for (const entriesMax of [1, 2, 3, 100]) {
          const expected = keys.filter((key) => key.startsWith(keyPrefix)).sort(byBytes)
          expect(await scanAll(store, { keyPrefix, entriesMax })).toEqual(expected)
        }
      }
    })

    test.each([
      ['before the prefix', { keyPrefix: '2/', after: '1/Z' }, ['2/A', '2/B']],
      ['a key that is gone', { keyPrefix: '2/', after: '2/AA' }, ['2/B']],
      ['behind the prefix', { keyPrefix: '2/', after: '3/A' }, []],
      // By UTF-16 units this cursor would stand before the prefix.
      ['behind the prefix by bytes alone', { keyPrefix: '\uFF21/', after: '\u{20000}/A' }, []],
      ['the lowest there is', { keyPrefix: '', after: '\u0000' }, ['2/A', '2/B', '\uFF21/A']],
      ['empty', { keyPrefix: '', after: '' }, ['2/A', '2/B', '\uFF21/A']],
    ])('a scan may start behind a cursor that is %s', async (_name, request, expected) => {
      await store.commit(['2/A', '2/B', '\uFF21/A'].map((key) => put(key, key)))
      expect(await scanAll(store, { ...request, entriesMax: 2 })).toEqual(expected)
    })

    test('a scan for no entries says where to go on', async () => {
      await store.commit([put('1/A', ''), put('1/B', '')])
      await store.commit([])
      const page = await store.scan({ keyPrefix: '1/A', entriesMax: 0 })
      expect(page.entries).toEqual([])
      expect(await scanAll(store, { keyPrefix: '1/A', after: page.cursor ?? 'none', entriesMax: 1 })).toEqual(
        ['1/A'],
      )
    })

    test('records, scans and counts equal a plain map after any sequence of commits', async () => {
      const model = new Map<string, string>()
      const key = fc.constantFrom('1/A', '1/B', '1/\u{1F600}', '1/\uFFFD', '11/A', '2/A', '3/A/B', '0.NA/1')
      const precondition = fc.constantFrom('none', 'absent', 'present', 'equals')
      const mutation = fc.record({ key, value: fc.option(fc.string({ maxLength: 4 })), precondition })
      const commits = fc.array(fc.array(mutation, { maxLength: 8 }), { minLength: 1, maxLength: 4 })
      const property = fc.asyncProperty(commits, async (groups) => {
        const expected = groups.map((group) => group.map((one) => applyToModel(model, one)))
        const results = await Promise.all(groups.map((group) => store.commit(group.map(mutationOf))))
        expect(
          results.map((group) => group.map(({ applied, previous }) => [applied, textOf(previous)])),
        ).toEqual(expected)
        expect(await scanAll(store, { keyPrefix: '', entriesMax: 3 })).toEqual(
          [...model.keys()].sort(byBytes),
        )
        for (const prefix of ['1', '11', '2', '3', '0.NA', '9']) {
          const counted = [...model.keys()].filter((known) => known.startsWith(`${prefix}/`)).length
          expect(await store.count(prefix, 'exact')).toBe(counted)
          expect(await store.count(prefix, 'approximate')).toBeGreaterThanOrEqual(0)
        }
        expect(await store.countAll()).toBe(model.size)
      })
      await fc.assert(property, { numRuns: 40 })
    })

    test('takes room on disk exactly when it says that it can tell how much', async () => {
      await store.commit([put('1/A', 'a')])
      const size = await store.sizeOnDiskBytes()
      switch (store.capabilities.measuresSize) {
        case 'at-once':
          expect(size).toBeGreaterThan(0)
          break
        case 'when-flushed':
          // How much after that is for a test that can have it flushed.
          expect(size).toBeGreaterThanOrEqual(0)
          break
        case 'never':
          expect(size).toBe(0)
      }
      expect(store.unwritableBecause()).toBeUndefined()
    })

    test('settles what it accepted before it closes, and refuses everything afterwards', async () => {
      const accepted = Promise.all(
        Array.from({ length: 10 }, (_, index) => store.commit([put(`1/${index}`, 'a')])),
      )
      await store.close()
      expect((await accepted).flat().every((result) => result.applied)).toBe(true)
      const unavailable = { name: 'HandleError', responseCode: 3, status: 503 }
      await expect((async () => store.get('1/0'))()).rejects.toMatchObject(unavailable)
      await expect((async () => store.getMany(['1/0']))()).rejects.toMatchObject(unavailable)
      await expect(store.scan({ keyPrefix: '', entriesMax: 1 })).rejects.toMatchObject(unavailable)
      await expect(store.commit([put('1/LATE', '')])).rejects.toMatchObject(unavailable)
      await store.close()
    })
  })
}

type ModelMutation = { readonly key: string; readonly value: string | null; readonly precondition: string }

function mutationOf({ key, value, precondition }: ModelMutation): Mutation {
  const preconditions: Record<string, Precondition> = {
    absent: { kind: 'absent' },
    present: { kind: 'present' },
    // Equal to what a put of the empty text leaves.
    equals: { kind: 'equals', value: bytes('') },
  }
  return {
    key,
    value: value === null ? undefined : bytes(value),
    precondition: preconditions[precondition] ?? { kind: 'none' },
  }
}

function applyToModel(model: Map<string, string>, { key, value, precondition }: ModelMutation): unknown[] {
  const previous = model.get(key)
  const applied =
    precondition === 'none' ||
    (precondition === 'absent' && previous === undefined) ||
    (precondition === 'present' && previous !== undefined) ||
    (precondition === 'equals' && previous === '')
  if (applied && value === null) model.delete(key)
  if (applied && value !== null) model.set(key, value)
  return [applied, previous]
}

async function scanAll(store: Store, request: ScanRequest): Promise<string[]> {
  // With durability `none` a scan may miss the newest group; the next one is begun when that one is written.
  await store.commit([])
  const found: string[] = []
  let next: ScanRequest | undefined = request
  while (next !== undefined) {
    const page = await store.scan(next)
    expect(page.entries.length).toBeLessThanOrEqual(request.entriesMax)
    found.push(...page.entries.map((entry) => entry.key))
    expect(found.length).toBeLessThan(100)
    next = page.cursor === undefined ? undefined : { ...request, after: page.cursor }
  }
  return found
}

function put(key: string, value: string): Mutation {
  return { key, value: bytes(value), precondition: { kind: 'none' } }
}

function remove(key: string): Mutation {
  return { key, value: undefined, precondition: { kind: 'none' } }
}

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text))
}

function textOf(value: Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : Buffer.from(value).toString()
}

function byBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}
