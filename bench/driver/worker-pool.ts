import { type ChildProcess, fork } from 'node:child_process'
import { LatencyBuckets } from '../measure/latency-buckets.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'
import type { WorkerPlan, WorkerProgress, WorkerResult } from './worker-plan.ts'

export type WorkerPoolContext = {
  /** Ends the phase early; what was measured until then is returned. */
  readonly signal: AbortSignal
  /** Called when every worker is warm, before any measures. */
  whenWarm(): Promise<void>
  whenProgressed?(progress: WorkerProgress): void
}

/** A worker process ended without a result. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError'
}

/** Runs each plan in a process of its own; all begin to measure together. Leaves no process behind. */
export async function runWorkers(
  plans: readonly WorkerPlan[],
  context: WorkerPoolContext,
): Promise<readonly WorkerResult[]> {
  const workers = plans.map((plan) => startWorker(plan))
  const stopAll = (): void => {
    for (const worker of workers) worker.tell({ type: 'stop' })
  }
  const report = (): void => context.whenProgressed?.(sumProgress(workers.map((worker) => worker.progress())))
  const reporting = setInterval(report, progressEveryMs)
  context.signal.addEventListener('abort', stopAll)
  if (context.signal.aborted) stopAll()
  try {
    await Promise.all(workers.map((worker) => worker.warm))
    await context.whenWarm()
    for (const worker of workers) worker.tell({ type: 'start' })
    return await Promise.all(workers.map((worker) => worker.result))
  } finally {
    context.signal.removeEventListener('abort', stopAll)
    clearInterval(reporting)
    await Promise.all(workers.map((worker) => worker.end()))
  }
}

const progressEveryMs = 250
const noProgress: WorkerProgress = {
  due: 0,
  answered: 0,
  failed: 0,
  recent: new Uint32Array(0),
  loopDelayNs: 0,
}

function startWorker(plan: WorkerPlan) {
  // Compiled for publishing, this file and the worker's end in .js.
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
  const child = fork(new URL(`./worker${extension}`, import.meta.url), {
    ...runtimeOf(plan),
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const warm = Promise.withResolvers<void>()
  const result = Promise.withResolvers<WorkerResult>()
  // Whoever awaits one of them need not await the other: a failure settles both.
  warm.promise.catch(() => undefined)
  result.promise.catch(() => undefined)
  let progress = noProgress
  const fail = (message: string): void => {
    const error = new WorkerError(`worker ${plan.worker + 1} of ${plan.workers}: ${message}`)
    warm.reject(error)
    result.reject(error)
  }
  child.on('message', (message: FromWorker) => {
    switch (message.type) {
      case 'warm':
        warm.resolve()
        return
      case 'progress':
        progress = added(progress, message.progress)
        return
      case 'result':
        result.resolve(message.result)
        return
      case 'failed':
        fail(message.message)
    }
  })
  child.on('error', (error) => fail(error.message))
  child.on('exit', (code, signal) => fail(`ended with ${signal ?? `code ${code}`} before it had a result`))
  const tell = (message: ToWorker): void => {
    if (child.connected) child.send(message)
  }
  tell({ type: 'plan', plan })
  return {
    warm: warm.promise,
    result: result.promise,
    /** Latencies and delays since it was last asked. */
    progress() {
      const taken = progress
      progress = { ...taken, recent: new Uint32Array(0), loopDelayNs: 0 }
      return taken
    },
    tell,
    end: () => endWorker(child),
  }
}

/**
 * What is due while the collector stops a worker is late. Almost nothing of a request outlives it, so that fewer and larger scavenges
 * cost less, and threads that help with them cost more than they take over: 150,000 requests in 13 pauses of at most 0.8 ms instead
 * of 52 of up to 1.5 ms, 6 ms in all instead of 27.
 */
const collectorArguments = [
  '--no-parallel-scavenge',
  '--min-semi-space-size=32',
  '--max-semi-space-size=32',
] as const

/** The runtime, started through taskset (util-linux) where the worker is to stay on one core. */
function runtimeOf({ cores = [], worker }: WorkerPlan): { execPath?: string; execArgv: string[] } {
  const core = cores[worker % cores.length]
  if (core === undefined) return { execArgv: [...collectorArguments] }
  return { execPath: 'taskset', execArgv: ['-c', String(core), process.execPath, ...collectorArguments] }
}

async function endWorker(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

function sumProgress(parts: readonly WorkerProgress[]): WorkerProgress {
  return parts.reduce(
    (sum, part) => ({
      due: sum.due + part.due,
      answered: sum.answered + part.answered,
      failed: sum.failed + part.failed,
      ...recentOf(sum, part),
    }),
    noProgress,
  )
}

/** A later report of the same worker: its counts are totals, its latencies and delays are those since the last. */
function added(earlier: WorkerProgress, later: WorkerProgress): WorkerProgress {
  return { ...later, ...recentOf(earlier, later) }
}

function recentOf(
  left: WorkerProgress,
  right: WorkerProgress,
): Pick<WorkerProgress, 'recent' | 'loopDelayNs'> {
  const buckets = new LatencyBuckets()
  buckets.merge(left.recent)
  buckets.merge(right.recent)
  return { recent: buckets.counts, loopDelayNs: Math.max(left.loopDelayNs, right.loopDelayNs) }
}
