import { expect, test } from 'vitest'
import { progressText } from '../../src/cli/progress.ts'

test('progress has a rate, and what is left and how long it takes once the end is in sight', () => {
  const state = { done: 300, unit: 'records', seconds: 3 }
  expect(progressText({ ...state, fraction: undefined })).toBe('300 records, 100/s')
  expect(progressText({ ...state, fraction: 0.3 })).toBe('300 records, 100/s, 30%, about 700 left, ETA 7 s')
  expect(progressText({ ...state, fraction: 1 })).toBe('300 records, 100/s, 100%, about 0 left, ETA 0 s')
})
