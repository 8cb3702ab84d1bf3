import { Worker } from 'node:worker_threads'
import type { StoredTrace } from '../workload/traces/stored-trace.ts'
import type { SimulationResult } from './simulate.ts'
import type { FromSweepThread, SweepJob, SweepSettings, ToSweepThread } from './sweep-messages.ts'

export type SweepOptions = {
  readonly threads: number
  /** Ends the sweep without a result. */
  readonly signal: AbortSignal
  whenDone?(jobsDone: number): void
}

/** The sweep was told to stop. */
export class SweepStopped extends Error {
  override readonly name = 'SweepStopped'
}

/**
 * Runs every job over one trace on threads that share its memory; results are in the order of the jobs, whichever ended first.
 * @throws SweepStopped when the signal ends it; no thread is left behind.
 */
export async function sweep(
  trace: StoredTrace,
  jobs: readonly SweepJob[],
  settings: SweepSettings,
  options: SweepOptions,
): Promise<SimulationResult[]> {
  const results = new Map<number, SimulationResult>()
  const waiting = [...jobs.keys()]
  const ended = Promise.withResolvers<void>()
  const workers: Worker[] = []
  const stop = (): void => ended.reject(new SweepStopped('stopped before the end'))
  const feed = (worker: Worker): void => {
    const job = waiting.shift()
    const given = job === undefined ? undefined : jobs[job]
    if (job !== undefined && given !== undefined)
      worker.postMessage({ job, ...given } satisfies ToSweepThread)
  }
  const receive = (worker: Worker, { job, result }: FromSweepThread): void => {
    results.set(job, result)
    options.whenDone?.(results.size)
    if (results.size === jobs.length) ended.resolve()
    else feed(worker)
  }
  options.signal.addEventListener('abort', stop)
  if (options.signal.aborted) stop()
  else if (jobs.length === 0) ended.resolve()
  try {
    for (let thread = 0; thread < Math.min(options.threads, jobs.length); thread++) {
      const worker = startThread(trace, settings)
      workers.push(worker)
      worker.on('message', (message: FromSweepThread) => receive(worker, message))
      worker.on('error', ended.reject)
      feed(worker)
    }
    await ended.promise
  } finally {
    options.signal.removeEventListener('abort', stop)
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
  return jobs.map((_, job) => results.get(job) as SimulationResult)
}

function startThread(trace: StoredTrace, settings: SweepSettings): Worker {
  // Compiled for publishing, this file and the thread's end in .js.
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
  return new Worker(new URL(`./sweep-thread${extension}`, import.meta.url), {
    workerData: { trace, settings },
  })
}
