import { defineConfig } from 'vitest/config'

/** Whole gates and benchmarks over real nodes, a minute each: apart from `npm test`, which has to stay short. */
export default defineConfig({
  test: {
    include: ['test/slow/**/*.test.ts'],
    testTimeout: 240_000,
    hookTimeout: 240_000,
    pool: 'forks',
    execArgv: ['--no-memory-protection-keys'],
    maxWorkers: 2,
  },
})
