import { assert } from '../../src/support/assert.ts'
import { performPlan } from './perform-plan.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'
import type { WorkerPlan } from './worker-plan.ts'

/** The worker process: performs one plan that it is sent and leaves. */

const progressEveryMs = 250

const stop = new AbortController()
const allWarm = Promise.withResolvers<void>()

process.on('message', (message: ToWorker) => {
  switch (message.type) {
    case 'plan':
      void work(message.plan)
      return
    case 'start':
      allWarm.resolve()
      return
    case 'stop':
      stop.abort()
      allWarm.resolve()
  }
})
// A terminal's Ctrl-C and the SIGTERM of timeout(1) reach the whole process group; what they mean is for the parent to say.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)
process.on('disconnect', () => process.exit())

async function work(plan: WorkerPlan): Promise<void> {
  let progressTimer: NodeJS.Timeout | undefined
  try {
    const result = await performPlan(plan, {
      signal: stop.signal,
      whenWarm: () => {
        tell({ type: 'warm' })
        return allWarm.promise
      },
      watch: (progress) => {
        progressTimer = setInterval(() => tell({ type: 'progress', progress: progress() }), progressEveryMs)
      },
    })
    tell({ type: 'result', result })
  } catch (error) {
    tell({
      type: 'failed',
      message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    })
  }
  clearInterval(progressTimer)
}

function tell(message: FromWorker): void {
  assert(process.send !== undefined, 'a worker is started with a channel to its parent')
  process.send(message)
}
