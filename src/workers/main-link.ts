import type { MessagePort } from 'node:worker_threads'
import { HandleError } from '../errors.ts'
import { Provisions, type Siblings, type Topic } from '../siblings.ts'
import type { StoreQuestion, WriterLink } from '../store/shared-level.ts'
import type { MaybePromise } from '../support/maybe-promise.ts'
import type { FromWorker, ToWorker, WorkerStart } from './messages.ts'
import { requestTally, type SharedCell, sharedCell } from './shared-memory.ts'

/** A worker's way to the main thread, which writes for it and knows its siblings. */
export class MainLink implements WriterLink, Siblings {
  readonly worker: number
  readonly workers: number
  readonly #port: MessagePort
  readonly #restarts: SharedCell
  readonly #requestsInFlight: SharedCell
  readonly #requestTally: SharedCell
  readonly #provisions = new Provisions()
  readonly #commits = new Map<number, PromiseWithResolvers<Uint8Array>>()
  readonly #questions = new Map<number, PromiseWithResolvers<unknown>>()
  readonly #whenToClose = Promise.withResolvers<void>()
  #nextBatch = 0
  #nextQuestion = 0
  #unwritable: string | undefined

  constructor(port: MessagePort, start: WorkerStart) {
    this.#port = port
    this.worker = start.worker
    this.workers = start.config.workers
    this.#restarts = sharedCell(start.memory, 'workerRestarts')
    this.#requestsInFlight = sharedCell(start.memory, 'requestsInFlight')
    this.#requestTally = requestTally(start.memory, start.worker)
    this.#unwritable = start.unwritable
    port.on('message', (message: ToWorker) => this.#receive(message))
  }

  /** Resolves when the node shuts down. */
  get toldToClose(): Promise<void> {
    return this.#whenToClose.promise
  }

  tell(message: FromWorker): void {
    this.#port.postMessage(message)
  }

  commit(mutations: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    const batch = this.#nextBatch++
    const settled = Promise.withResolvers<Uint8Array>()
    this.#commits.set(batch, settled)
    const message: FromWorker = { type: 'commit', batch, mutations }
    this.#port.postMessage(message, [mutations.buffer])
    return settled.promise
  }

  async ask(about: StoreQuestion): Promise<number> {
    return Number(await this.#answer((question) => ({ type: 'ask', question, about })))
  }

  unwritableBecause(): string | undefined {
    return this.#unwritable
  }

  restarts(): number {
    return this.#restarts.read()
  }

  countRequest(change: 1 | -1): number {
    this.#requestTally.add(change)
    return this.#requestsInFlight.add(change)
  }

  requestsInFlight(): number {
    return this.#requestsInFlight.read()
  }

  provide<Answer>(topic: Topic<Answer>, answer: () => MaybePromise<Answer>): void {
    this.#provisions.provide(topic, answer)
  }

  async gather<Answer>(topic: Topic<Answer>) {
    const answers = await this.#answer((question) => ({ type: 'gather', question, topic: topic.name }))
    return answers as readonly { worker: number; answer: Answer }[]
  }

  close(): void {
    this.#port.close()
  }

  #answer(asking: (question: number) => FromWorker): Promise<unknown> {
    const question = this.#nextQuestion++
    const settled = Promise.withResolvers<unknown>()
    this.#questions.set(question, settled)
    this.tell(asking(question))
    return settled.promise
  }

  #receive(message: ToWorker): void {
    switch (message.type) {
      case 'committed':
        taken(this.#commits, message.batch)?.resolve(message.results)
        return
      case 'not-committed':
        taken(this.#commits, message.batch)?.reject(new HandleError(message.code, message.message))
        return
      case 'answer':
        taken(this.#questions, message.question)?.resolve(message.answer)
        return
      case 'not-answered':
        taken(this.#questions, message.question)?.reject(new HandleError(message.code, message.message))
        return
      case 'provide':
        void this.#provide(message)
        return
      case 'unwritable':
        this.#unwritable = message.reason
        return
      case 'close':
        this.#whenToClose.resolve()
    }
  }

  /** Whoever asked goes without this worker's part where it fails; never rejects. */
  async #provide({ inquiry, topic }: { inquiry: number; topic: string }): Promise<void> {
    try {
      this.tell({ type: 'provided', inquiry, answer: await this.#provisions.answer(topic) })
    } catch (error) {
      this.tell({ type: 'not-provided', inquiry, message: `${topic}: ${error}` })
    }
  }
}

function taken<Settled>(from: Map<number, Settled>, number: number): Settled | undefined {
  const settled = from.get(number)
  from.delete(number)
  return settled
}
