import type { WorkerPlan, WorkerProgress, WorkerResult } from './worker-plan.ts'

/** What the pool tells a worker: its plan, that everybody is warm, to end early. */
export type ToWorker =
  | { readonly type: 'plan'; readonly plan: WorkerPlan }
  | { readonly type: 'start' }
  | { readonly type: 'stop' }

/** What a worker tells the pool: that it is warm, how far it is, what it measured or why it could not. */
export type FromWorker =
  | { readonly type: 'warm' }
  | { readonly type: 'progress'; readonly progress: WorkerProgress }
  | { readonly type: 'result'; readonly result: WorkerResult }
  | { readonly type: 'failed'; readonly message: string }
