import type { Target } from './target.ts'

/** Answers everything at once without a socket: what it measures is the harness itself. */
export async function openNullTarget(): Promise<Target> {
  const answer = Promise.resolve({ outcome: 'ok' } as const)
  return {
    capabilities: { bulkRegistration: true, statistics: false },
    perform: () => answer,
    registerRange: async (from, to) => ({ created: to - from, identical: 0, failed: 0 }),
    statistics: async () => undefined,
    describe: async () => ({ url: 'null:', server: 'null' }),
    close: async () => undefined,
  }
}
