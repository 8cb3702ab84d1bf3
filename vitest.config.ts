import { defineConfig } from 'vitest/config'

/**
 * Four projects by what they need: `unit` is in-process, `scenario` starts whole nodes over real sockets and kills
 * them, `browser` opens reports in a real Chromium, `cluster` runs against a real Cassandra cluster. `npm test` runs all four;
 * what takes a minute by itself is apart (`vitest.slow.config.ts`, `vitest.faults.config.ts`).
 */
export default defineConfig({
  test: {
    projects: [
      project(
        'unit',
        ['test/**/*.test.ts'],
        ['scenario', 'browser', 'cluster', 'cluster-faults', 'slow'].map((folder) => `test/${folder}/**`),
        20_000,
      ),
      project('scenario', ['test/scenario/**/*.test.ts'], [], 120_000),
      project('browser', ['test/browser/**/*.test.ts'], [], 120_000),
      clusterProject(),
    ],
  },
})

/** One real Cassandra cluster for all its files, which follow each other: it takes both cores. */
function clusterProject() {
  const { test } = project('cluster', ['test/cluster/**/*.test.ts'], [], 120_000)
  return {
    test: {
      ...test,
      globalSetup: ['test/cluster/cluster-setup.ts'],
      fileParallelism: false,
      passWithNoTests: true,
    },
  }
}

function project(name: string, include: string[], exclude: string[], timeoutMs: number) {
  return {
    test: {
      name,
      include,
      exclude,
      testTimeout: timeoutMs,
      hookTimeout: timeoutMs,
      pool: 'forks' as const,
      // V8 aborts now and then ("jit_page.has_value()") where threads that strip types come and go under memory keys.
      execArgv: ['--no-memory-protection-keys'],
      maxWorkers: 2,
    },
  }
}
