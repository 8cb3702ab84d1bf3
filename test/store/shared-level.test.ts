import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HandleError } from '../../src/errors.ts'
import { openLevelStore } from '../../src/store/level.ts'
import { decodeMutations, encodeResults } from '../../src/store/shared-encoding.ts'
import { openSharedLevel, type WriterLink } from '../../src/store/shared-level.ts'
import { type Durability, durabilities, type Store } from '../../src/store/store.ts'
import { storeContract } from '../contract/store-contract.ts'
import { levelOptions } from '../support/level-options.ts'

let root: string
let opened = 0
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'erji-shared-'))
})
afterAll(() => rm(root, { recursive: true }))

for (const durability of durabilities) {
  storeContract(
    `level shared by threads with durability ${durability}`,
    async () => (await openBoth(durability)).reader,
  )
}

test('what one turn commits goes to the writer in one message', async () => {
  const { reader, messages } = await openBoth('os')
  await Promise.all(
    ['1/A', '1/B', '1/C'].map((key) =>
      reader.commit([{ key, value: Buffer.from(key), precondition: { kind: 'absent' } }]),
    ),
  )
  expect(messages()).toBe(1)
  expect(await reader.count('1', 'exact')).toBe(3)
  await reader.close()
})

test('small commits gather while a message is under way, large ones do not wait', async () => {
  const { reader, messages, hold } = await openBoth('os')
  const put = (key: string) => ({ key, value: Buffer.from(key), precondition: { kind: 'none' } }) as const
  const release = hold()
  const settled = [reader.commit([put('1/first')])]
  await turns()
  for (let number = 0; number < 10; number++) {
    settled.push(reader.commit([put(`1/small-${number}`)]))
    await turns()
  }
  expect(messages()).toBe(1)
  settled.push(reader.commit(Array.from({ length: 256 }, (_, number) => put(`1/large-${number}`))))
  await turns()
  expect(messages()).toBe(2)
  settled.push(reader.commit([put('1/last')]))
  release()
  await Promise.all(settled)
  expect(messages()).toBe(3)
  expect(await reader.count('1', 'exact')).toBe(268)
  await reader.close()
})

test('what waits for a message to return is still committed when the store is closed', async () => {
  const { reader, hold } = await openBoth('os')
  const release = hold()
  const put = (key: string) => ({ key, value: Buffer.from(key), precondition: { kind: 'none' } }) as const
  const first = reader.commit([put('1/A')])
  await turns()
  const second = reader.commit([put('1/B')])
  const closing = reader.close()
  release()
  await Promise.all([first, second, closing])
  expect((await second)[0]?.applied).toBe(true)
  await expect(reader.commit([put('1/C')])).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
})

test('whoever shared a message with a write that failed learns why, and so does who writes after', async () => {
  const { reader, fail } = await openBoth('os')
  fail(new HandleError('STORE_FULL', 'no room'))
  const one = reader.commit([{ key: '1/A', value: Buffer.from('a'), precondition: { kind: 'none' } }])
  const other = reader.commit([{ key: '1/B', value: undefined, precondition: { kind: 'none' } }])
  await expect(one).rejects.toMatchObject({ code: 'STORE_FULL' })
  await expect(other).rejects.toMatchObject({ code: 'STORE_FULL' })
  await reader.close()
})

/** The writer and a reader of one database, in one thread; closing the reader closes both. */
async function openBoth(durability: Durability) {
  const options = levelOptions(join(root, `${opened++}`), { durability, sharedByThreads: true })
  const writer = await openLevelStore(options)
  let messages = 0
  let failure: HandleError | undefined
  let held: Promise<void> | undefined
  const link: WriterLink = {
    commit: async (mutations) => {
      messages++
      if (failure !== undefined) throw failure
      await held
      return encodeResults(await writer.commit(decodeMutations(structuredClone(mutations))))
    },
    ask: async (question) => {
      switch (question.kind) {
        case 'count':
          return writer.count(question.prefix)
        case 'countAll':
          return writer.countAll()
        case 'sizeOnDiskBytes':
          return writer.sizeOnDiskBytes()
      }
    },
    unwritableBecause: () => writer.unwritableBecause(),
  }
  const shared = await openSharedLevel({ databasePath: writer.databasePath, durability }, link)
  const close = shared.close.bind(shared)
  const reader: Store = Object.assign(shared, {
    close: async () => {
      await close()
      await writer.close()
    },
  })
  const fail = (error: HandleError): void => {
    failure = error
  }
  /** Keeps messages under way until what it returns is called. */
  const hold = () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    held = promise
    return resolve
  }
  return { reader, messages: () => messages, fail, hold }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}
