import { MessageChannel } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import { HandleError } from '../../src/errors.ts'
import { Inquiries } from '../../src/workers/inquiries.ts'
import { MainLink } from '../../src/workers/main-link.ts'
import type { FromWorker, ToWorker } from '../../src/workers/messages.ts'
import { newSharedMemory } from '../../src/workers/shared-memory.ts'

test('a question that the main thread cannot answer is refused with its reason, and the next is answered', async () => {
  const { link, main } = linked((message) =>
    message.type === 'ask' && message.about.kind === 'sizeOnDiskBytes'
      ? {
          type: 'not-answered',
          question: message.question,
          code: 'STORE_UNAVAILABLE',
          message: 'EMFILE: too many open files',
        }
      : { type: 'answer', question: 'question' in message ? message.question : -1, answer: 7 },
  )
  const refused = link.ask({ kind: 'sizeOnDiskBytes' })
  const answered = link.ask({ kind: 'countAll' })
  await expect(refused).rejects.toEqual(new HandleError('STORE_UNAVAILABLE', 'EMFILE: too many open files'))
  expect(await answered).toBe(7)
  main.close()
})

test('a worker whose part fails says so instead of dying of it', async () => {
  const told = Promise.withResolvers<FromWorker>()
  const { link, main } = linked((message) => {
    told.resolve(message)
    return undefined
  })
  link.provide({ name: 'figures' }, () => Promise.reject(new Error('no figures')))
  main.postMessage({ type: 'provide', inquiry: 3, topic: 'figures' } satisfies ToWorker)
  expect(await told.promise).toEqual({
    type: 'not-provided',
    inquiry: 3,
    message: 'figures: Error: no figures',
  })
  main.close()
})

test('whoever passes is left out, and nobody waits for them', async () => {
  const inquiries = new Inquiries()
  const answers = inquiries.ask([1, 2], (inquiry, worker) => {
    if (worker === 1) inquiries.passed(inquiry, worker)
    else inquiries.answered(inquiry, { worker, answer: 'two' })
  })
  expect(await answers).toEqual([{ worker: 2, answer: 'two' }])
})

/** A worker's link to a main thread that answers as it is told to. */
function linked(answer: (message: FromWorker) => ToWorker | undefined) {
  const { port1: main, port2: port } = new MessageChannel()
  main.on('message', (message: FromWorker) => {
    const reply = answer(message)
    if (reply !== undefined) main.postMessage(reply)
  })
  const link = new MainLink(port, {
    config: parseConfig({ workers: 2 }),
    worker: 1,
    memory: newSharedMemory(2),
    databasePath: '',
    sharing: { port: 0, isFirst: true },
    unwritable: undefined,
  })
  onTestFinished(() => link.close())
  return { link, main }
}
