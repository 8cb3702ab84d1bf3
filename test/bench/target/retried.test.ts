import { expect, test } from 'vitest'
import { retried, retryDelaySeconds } from '../../../bench/target/retried.ts'
import { TargetError } from '../../../bench/target/target-error.ts'
import { createPrng } from '../../../src/support/prng.ts'

const { signal } = new AbortController()
const prng = createPrng(1)

test('who is asked to wait waits as long and up to a quarter more, at most five seconds', () => {
  for (const [asked, least] of [
    [2, 2],
    [3600, 5],
  ] as const) {
    const busy = new TargetError('BUSY', 'busy', { retryAfterSeconds: asked })
    const delays = Array.from({ length: 100 }, () => retryDelaySeconds(busy, { retries: 3, prng }))
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(least)
    expect(Math.max(...delays)).toBeLessThan(least * 1.25)
    expect(new Set(delays).size).toBeGreaterThan(90)
  }
})

test('who is not waits twice as long each time, of which a random half to whole, at most five seconds', () => {
  const lost = new TargetError('CONNECTION', 'lost')
  for (const [retries, most] of [
    [0, 0.1],
    [2, 0.4],
    [20, 5],
  ] as const) {
    const delays = Array.from({ length: 100 }, () => retryDelaySeconds(lost, { retries, prng }))
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(most / 2)
    expect(Math.max(...delays)).toBeLessThan(most)
  }
})

test('what cannot pass, or was tried to the end elsewhere, is tried once', async () => {
  for (const error of [
    new TargetError('REFUSED', 'no'),
    new TargetError('BUSY', 'busy').after(9),
    new TypeError('a defect'),
  ]) {
    let attempts = 0
    const attempt = async (): Promise<void> => {
      attempts++
      throw error
    }
    await expect(retried(attempt, { signal, prng })).rejects.toBe(error)
    expect(attempts).toBe(1)
  }
})

test('after an abort nothing is tried again, and the error tells how often it was', async () => {
  const busy = new TargetError('BUSY', 'busy', { retryAfterSeconds: 5 })
  const attempt = (): Promise<never> => Promise.reject(busy)
  await expect(retried(attempt, { signal: AbortSignal.abort(), prng })).rejects.toMatchObject({
    code: 'BUSY',
    attempts: 1,
  })
})
