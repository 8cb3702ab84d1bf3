import { expect, test } from 'vitest'
import { type HarnessConduct, judgeValidity, latenessP99MsMax } from '../../../bench/driver/validity.ts'

const good: HarnessConduct = {
  due: 10_000,
  sent: 10_000,
  dropped: 0,
  droppedWhileLate: 0,
  latenessP99Ns: 0.2e6,
  scheduled: 10_000,
  interrupted: false,
  gaveUp: false,
}

test('a generator that kept its schedule makes a valid phase', () => {
  expect(judgeValidity(good)).toEqual({ valid: true, invalidBecause: [] })
})

test('lateness above the bound voids the phase, at the bound it does not', () => {
  expect(judgeValidity({ ...good, latenessP99Ns: latenessP99MsMax * 1e6 }).valid).toBe(true)
  const late = judgeValidity({ ...good, latenessP99Ns: latenessP99MsMax * 1e6 + 1e5 })
  expect(late.valid).toBe(false)
  expect(late.invalidBecause).toHaveLength(1)
})

test('drops while on time are the fault of the target and leave the phase valid', () => {
  expect(judgeValidity({ ...good, sent: 2000, dropped: 8000 }).valid).toBe(true)
})

test('drops from a backlog of the generator void the phase', () => {
  const judged = judgeValidity({ ...good, sent: 9000, dropped: 1000, droppedWhileLate: 1000 })
  expect(judged.invalidBecause.join()).toContain('1000 were dropped from its own backlog')
})

test('arrivals of the schedule that never came due void the phase', () => {
  expect(judgeValidity({ ...good, due: 9000, sent: 9000 }).valid).toBe(false)
})

test('an interrupted phase is marked as what it is', () => {
  const judged = judgeValidity({ ...good, due: 100, sent: 100, interrupted: true })
  expect(judged.invalidBecause).toEqual([expect.stringContaining('interrupted')])
})
