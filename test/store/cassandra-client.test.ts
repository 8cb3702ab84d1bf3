import { expect, test } from 'vitest'
import { closeClient } from '../../src/store/cassandra/cassandra-client.ts'

test('a driver that never ends is not waited for for ever, and one that fails to end is no error', async () => {
  let isAsked = false
  await closeClient({
    shutdown: () => {
      isAsked = true
      return new Promise<void>(() => undefined)
    },
  } as unknown as Parameters<typeof closeClient>[0])
  expect(isAsked).toBe(true)
  await closeClient({ shutdown: () => Promise.reject(new Error('broken')) } as unknown as Parameters<
    typeof closeClient
  >[0])
})
