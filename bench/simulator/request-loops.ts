import { policies } from '../../src/cache/policies/index.ts'
import { offlineOptima } from './belady.ts'
import type { runRequests } from './request-loop.ts'

/**
 * The request loop, instantiated once for each policy by importing it under different names. One loop for all would see many
 * classes at one call and inline none of them: measured a third of the speed (`npm run bench:simulator`).
 */
const loops: ReadonlyMap<string, RequestLoop> = new Map(
  await Promise.all([...Object.keys(policies), ...Object.keys(offlineOptima)].map(loadLoop)),
)

/** Runs requests [from, to) of a run. */
export type RequestLoop = typeof runRequests

/** The loop that only this policy has gone through, or the one for whatever is in no table. */
export function requestLoopOf(policy: string): RequestLoop | undefined {
  return loops.get(policy)
}

async function loadLoop(policy: string): Promise<[string, RequestLoop]> {
  // The compiled file ends in .js, this one in .ts; the loop lies beside either.
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
  const loop = new URL(`./request-loop${extension}?policy=${policy}`, import.meta.url)
  const loaded: { runRequests: RequestLoop } = await import(loop.href)
  return [policy, loaded.runRequests]
}
