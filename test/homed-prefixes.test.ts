import { expect, test } from 'vitest'
import { loadHomedPrefixes, type RefreshedPrefixes } from '../src/homed-prefixes.ts'
import { encodeRecord } from '../src/identifier/record-encoding.ts'
import { MemoryStore } from '../src/store/memory.ts'
import type { Store } from '../src/store/store.ts'

const key = '0.NA/88.1000'

/** A store whose readings after the first wait for the test: each is announced, and goes on or fails as it is told. */
async function open() {
  const store = new MemoryStore()
  await write(store, 'put')
  const readings: ((failure?: Error) => void)[] = []
  let whenRead: () => void = () => undefined
  const slow: Pick<Store, 'scan'> = {
    scan: async (request) => {
      const page = await store.scan(request)
      if (prefixes === undefined) return page
      const failure = await new Promise<Error | undefined>((resolve) => {
        readings.push(resolve)
        whenRead()
      })
      if (failure !== undefined) throw failure
      return page
    },
  }
  let prefixes: RefreshedPrefixes | undefined
  const told: unknown[] = []
  prefixes = await loadHomedPrefixes(slow, { everyMs: 1, whenUnread: (error) => told.push(error) })
  /** Resolves when the next reading has read and is held up. */
  const reading = async (): Promise<(failure?: Error) => void> => {
    while (readings.length === 0) await new Promise<void>((resolve) => (whenRead = resolve))
    return readings.shift() ?? (() => undefined)
  }
  return { store, prefixes, reading, told }
}

async function write(store: Store, change: 'put' | 'delete'): Promise<void> {
  const value = change === 'put' ? encodeRecord({ handle: key, values: [] }) : undefined
  await store.commit([{ key, value, precondition: { kind: 'none' } }])
}

test('a prefix that is removed while the prefixes are read again does not come back, noted before or not', async () => {
  const { store, prefixes, reading } = await open()
  prefixes.note(key, { exists: true })
  const finish = await reading()
  await write(store, 'delete')
  prefixes.note(key, { exists: false })
  // Twice noted in one reading, which began before the removal.
  finish()
  const finishNext = await reading()
  expect(prefixes.has('88.1000')).toBe(false)
  finishNext()
  prefixes.close()
})

test('what another node homes or removes is seen by the next reading', async () => {
  const { store, prefixes, reading } = await open()
  const finishOld = await reading()
  await write(store, 'delete')
  finishOld()
  const finish = await reading()
  expect(prefixes.has('88.1000')).toBe(true)
  finish()
  const finishNext = await reading()
  expect(prefixes.has('88.1000')).toBe(false)
  finishNext()
  prefixes.close()
})

test('readings that fail are told once until one works again, and go on', async () => {
  const { prefixes, reading, told } = await open()
  const failures = [new Error('first'), new Error('second'), undefined, new Error('after one that worked')]
  for (const failure of failures) (await reading())(failure)
  const finish = await reading()
  expect(told).toEqual([failures[0], failures[3]])
  expect(prefixes.has('88.1000')).toBe(true)
  finish()
  prefixes.close()
})

test('prefixes that are closed are read no more', async () => {
  const { prefixes, reading, told } = await open()
  const finish = await reading()
  prefixes.close()
  finish(new Error('the store was closed meanwhile'))
  let isReadAgain = false
  void reading().then(() => (isReadAgain = true))
  // Timers of as long a wait fire in their order: a further reading would begin before the second of these.
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setTimeout(resolve, 1))
  expect([isReadAgain, told]).toEqual([false, []])
})
