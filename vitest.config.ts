import { defineConfig } from 'vitest/config'

/**
 * Three projects by what they need: `unit` is in-process, `scenario` starts whole nodes over real sockets and kills
 * them, `browser` opens reports in a real Chromium. `npm test` runs all three.
 */
export default defineConfig({
  test: {
    projects: [
      project('unit', ['test/**/*.test.ts'], ['test/scenario/**', 'test/browser/**'], 20_000),
      project('scenario', ['test/scenario/**/*.test.ts'], [], 120_000),
      project('browser', ['test/browser/**/*.test.ts'], [], 120_000),
    ],
  },
})

function project(name: string, include: string[], exclude: string[], timeoutMs: number) {
  return {
    test: {
      name,
      include,
      exclude,
      testTimeout: timeoutMs,
      hookTimeout: timeoutMs,
      pool: 'forks' as const,
      maxWorkers: 2,
    },
  }
}
