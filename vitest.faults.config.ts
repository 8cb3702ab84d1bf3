import { defineConfig } from 'vitest/config'

/** What breaks a real Cassandra cluster for minutes: apart from `npm test`, which has to stay short. */
export default defineConfig({
  test: {
    include: ['test/cluster-faults/**/*.test.ts'],
    testTimeout: 240_000,
    hookTimeout: 240_000,
    pool: 'forks',
    fileParallelism: false,
  },
})
