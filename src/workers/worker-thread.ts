import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { StartupError } from '../errors.ts'
import type { FromWorker, ToWorker, WorkerStart } from './messages.ts'

/** What a worker tells that is for others to answer. */
export type WorkerRequest = Extract<
  FromWorker,
  { type: 'commit' | 'ask' | 'gather' | 'provided' | 'not-provided' }
>

/** One serving thread as the main thread holds it. */
export type WorkerThread = {
  readonly worker: number
  /** The addresses that it listens on. @throws StartupError when it ends before it listens. */
  readonly listening: Promise<readonly string[]>
  /** Resolves once it takes no new connections, or has ended. */
  readonly refusing: Promise<void>
  /** Resolves with what ended it, undefined when it ended as it was told to. */
  readonly ended: Promise<Error | undefined>
  tell(message: ToWorker): void
  /** Ends it wherever it stands. */
  terminate(): Promise<void>
}

/** Starts a thread that serves; `whenAsked` is given what it asks of the main thread. */
export function startWorkerThread(
  start: WorkerStart,
  whenAsked: (request: WorkerRequest) => void,
): WorkerThread {
  // Compiled for publishing, this file and the worker's end in .js.
  const thread = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url), {
    workerData: start,
  })
  const listening = Promise.withResolvers<readonly string[]>()
  const refusing = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<Error | undefined>()
  // Whoever awaits one of them need not await the other.
  listening.promise.catch(() => undefined)
  let failure: Error | undefined
  thread.on('message', (message: FromWorker) => {
    switch (message.type) {
      case 'listening':
        listening.resolve(message.urls)
        return
      case 'cannot-start':
        failure = new StartupError(message.code ?? 'WORKERS_FAILED', message.message)
        return
      case 'refusing':
        refusing.resolve()
        return
      case 'commit':
      case 'ask':
      case 'gather':
      case 'provided':
      case 'not-provided':
        whenAsked(message)
    }
  })
  thread.on('error', (error) => {
    failure = error instanceof Error ? error : new Error(String(error))
  })
  thread.on('exit', (code) => {
    if (code !== 0) failure ??= new Error(`it ended with code ${code}`)
    listening.reject(cannotStart(start.worker, failure))
    refusing.resolve()
    ended.resolve(failure)
  })
  return {
    worker: start.worker,
    listening: listening.promise,
    refusing: refusing.promise,
    ended: ended.promise,
    tell: (message) => thread.postMessage(message, transferable(message)),
    terminate: async () => void (await thread.terminate()),
  }
}

function cannotStart(worker: number, failure: Error | undefined): StartupError {
  if (failure instanceof StartupError) return failure
  const why = failure?.message ?? 'it ended before it listened'
  return new StartupError('WORKERS_FAILED', `worker ${worker} does not start: ${why}`, { cause: failure })
}

function transferable(message: ToWorker): ArrayBuffer[] {
  return message.type === 'committed' && message.results.buffer instanceof ArrayBuffer
    ? [message.results.buffer]
    : []
}
