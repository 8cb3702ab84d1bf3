import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { NodeConfig } from '../config.ts'
import { StartupError } from '../errors.ts'
import type { LevelStore } from '../store/level.ts'
import { Inquiries } from './inquiries.ts'
import { newSharedMemory, requestTally, type SharedMemory, sharedCell } from './shared-memory.ts'
import { startWorkerThread, type WorkerRequest, type WorkerThread } from './worker-thread.ts'
import { Writer } from './writer.ts'

export type WorkerPoolParts = {
  readonly config: NodeConfig
  /** Opened with `sharedByThreads`, and closed after the pool. */
  readonly store: LevelStore
  readonly log: FastifyBaseLogger
  /** What a worker shares with the writer and the others; tests give one that shares nothing. */
  readonly memoryOf?: (worker: number) => SharedMemory
}

/** Starts all serving threads; resolves when every one listens. @throws StartupError with none left behind. */
export async function startWorkers(parts: WorkerPoolParts): Promise<WorkerPool> {
  const pool = new WorkerPool(parts)
  try {
    await pool.start()
    return pool
  } catch (error) {
    await pool.close()
    throw error
  }
}

/** The threads of a node: replaces those that die, commits for all, passes questions on. */
export class WorkerPool {
  readonly #config: NodeConfig
  readonly #store: LevelStore
  readonly #log: FastifyBaseLogger
  readonly #memory: SharedMemory
  readonly #memoryOf: (worker: number) => SharedMemory
  readonly #writer: Writer
  readonly #inquiries = new Inquiries()
  readonly #threads = new Map<number, WorkerThread>()
  /** Those that answer questions: neither dead nor still starting. */
  readonly #serving = new Set<number>()
  readonly #failed = Promise.withResolvers<StartupError>()
  readonly #writabilityCheck: NodeJS.Timeout
  #unwritable: string | undefined
  #urls: readonly string[] = []
  #failedStarts = 0
  #closing = false

  constructor({ config, store, log, memoryOf }: WorkerPoolParts) {
    this.#config = config
    this.#store = store
    this.#log = log
    this.#memory = newSharedMemory(config.workers)
    this.#memoryOf = memoryOf ?? (() => this.#memory)
    this.#writer = new Writer(store, this.#memory)
    this.#writabilityCheck = setInterval(() => this.#tellWritability(), writabilityCheckMs)
  }

  get urls(): readonly string[] {
    return this.#urls
  }

  /** Resolves when workers die faster than they start: the node cannot go on. */
  get failed(): Promise<StartupError> {
    return this.#failed.promise
  }

  async start(): Promise<void> {
    const first = this.#startThread(1, { port: this.#config.port, isFirst: true })
    this.#urls = await first.listening
    const others = Array.from({ length: this.#config.workers - 1 }, (_, position) =>
      this.#startThread(position + 2, { port: this.#port, isFirst: false }),
    )
    await Promise.all(others.map(({ listening }) => listening))
    for (const thread of this.#threads.values()) void this.#replaceWhenDead(thread)
  }

  /** Resolves when no thread takes new connections. */
  async refuse(): Promise<void> {
    this.#closing = true
    const threads = [...this.#threads.values()]
    for (const thread of threads) thread.tell({ type: 'close' })
    await Promise.race([
      Promise.all(threads.map(({ refusing }) => refusing)),
      sleep(this.#closeMsMax, undefined, { ref: false }),
    ])
  }

  /** Lets every thread answer what it accepted; whoever takes much longer than the configuration allows is ended. */
  async close(): Promise<void> {
    clearInterval(this.#writabilityCheck)
    await this.refuse()
    const cut = setTimeout(() => {
      for (const thread of this.#threads.values()) void thread.terminate()
    }, this.#closeMsMax)
    await Promise.all([...this.#threads.values()].map(({ ended }) => ended))
    clearTimeout(cut)
  }

  get #port(): number {
    return Number(new URL(this.#urls[0] ?? '').port)
  }

  // Beyond the workers' own bound, so that only one that no longer turns its event loop meets it.
  get #closeMsMax(): number {
    return this.#config.shutdownTimeout + 2000
  }

  #startThread(worker: number, sharing: { port: number; isFirst: boolean }): WorkerThread {
    const thread = startWorkerThread(
      {
        config: this.#config,
        worker,
        memory: this.#memoryOf(worker),
        databasePath: this.#store.databasePath,
        sharing,
        unwritable: this.#unwritable,
      },
      (request) => void this.#serve(thread, request),
    )
    this.#threads.set(worker, thread)
    return thread
  }

  async #replaceWhenDead(thread: WorkerThread): Promise<void> {
    this.#serving.add(thread.worker)
    const error = await thread.ended
    this.#serving.delete(thread.worker)
    this.#inquiries.gone(thread.worker)
    if (this.#closing) return
    this.#log.error({ worker: thread.worker, err: error }, 'a worker died and is being replaced')
    this.#takeOut(thread.worker)
    await this.#startAgain(thread.worker)
  }

  async #startAgain(worker: number): Promise<void> {
    while (!this.#closing) {
      const thread = this.#startThread(worker, { port: this.#port, isFirst: false })
      try {
        await thread.listening
        this.#failedStarts = 0
        this.#log.info({ worker }, 'a worker was replaced')
        return void this.#replaceWhenDead(thread)
      } catch (error) {
        if (!(error instanceof StartupError)) throw error
        if (this.#closing) return
        this.#log.error({ worker, err: error }, 'a worker does not start')
        this.#failedStarts++
        if (this.#failedStarts >= failedStartsMax) return this.#failed.resolve(givenUp(error))
        await sleep(restartPauseMs * 2 ** this.#failedStarts)
      }
    }
  }

  /** The requests of a worker that died will not end any more. */
  #takeOut(worker: number): void {
    const memory = this.#memoryOf(worker)
    sharedCell(memory, 'workerRestarts').add(1)
    const tally = requestTally(memory, worker)
    sharedCell(memory, 'requestsInFlight').add(-tally.read())
    tally.add(-tally.read())
  }

  async #serve(thread: WorkerThread, request: WorkerRequest): Promise<void> {
    switch (request.type) {
      case 'commit': {
        const outcome = await this.#writer.commit(request)
        // Before the refusal itself, so that whoever was refused finds the node unready.
        if (outcome.type === 'not-committed') this.#tellWritability()
        return thread.tell(outcome)
      }
      case 'ask':
        return thread.tell(await this.#writer.answer(request))
      case 'gather': {
        const answer = await this.#inquiries.ask([...this.#serving], (inquiry, worker) =>
          this.#threads.get(worker)?.tell({ type: 'provide', inquiry, topic: request.topic }),
        )
        return thread.tell({ type: 'answer', question: request.question, answer })
      }
      case 'provided':
        this.#inquiries.answered(request.inquiry, { worker: thread.worker, answer: request.answer })
        return
      case 'not-provided':
        this.#log.error(
          { worker: thread.worker, reason: request.message },
          'a worker could not tell its part',
        )
        this.#inquiries.passed(request.inquiry, thread.worker)
    }
  }

  #tellWritability(): void {
    const reason = this.#store.unwritableBecause()
    if (reason === this.#unwritable) return
    this.#unwritable = reason
    for (const thread of this.#threads.values()) thread.tell({ type: 'unwritable', reason })
  }
}

const failedStartsMax = 5
const restartPauseMs = 50
const writabilityCheckMs = 250

function givenUp(error: StartupError): StartupError {
  return new StartupError(
    'WORKERS_FAILED',
    `${failedStartsMax} starts of a worker failed one after the other; the last: ${error.message}`,
    { cause: error },
  )
}
