import { expect, test } from 'vitest'
import { LatencyHistogram } from '../../../bench/measure/latency-histogram.ts'
import { NodeProcessError } from '../../../bench/node/node-process.ts'
import { partial } from '../../../bench/report/outcome.ts'
import type { DrivenPhase, Phase } from '../../../bench/report/report.ts'
import { exitCodeOf, exitCodeOfError, exitCodes, judge } from '../../../bench/report/verdict.ts'
import { TargetError } from '../../../bench/target/target-error.ts'

const histogram = new LatencyHistogram().toHistogram()
const good: DrivenPhase = {
  kind: 'open-loop',
  name: 'phase',
  startedAt: '2024-01-01T00:00:00.000Z',
  durationSeconds: 1,
  valid: true,
  invalidBecause: [],
  harnessCpuSeconds: 0,
  workload: 'test',
  offeredPerSecond: 1000,
  due: 1000,
  sent: 1000,
  dropped: 0,
  achievedPerSecond: 1000,
  schedulingLateness: histogram,
  operations: [
    { operation: 'resolve', outcome: 'ok', count: 1000, latency: histogram, serviceTime: histogram },
  ],
  wrongExamples: [],
  errorExamples: [],
  timeline: [],
}

test('a run without fault passes', () => {
  expect(judged([good])).toEqual({ passed: true, code: exitCodes.passed, reasons: [] })
})

test('a single wrong answer fails', () => {
  expect(judged([good], { wrongAnswers: 1 })).toMatchObject({ passed: false, code: exitCodes.failed })
})

test('an invalid phase is no failure of the target, but must not be quoted', () => {
  const late = { ...good, valid: false, invalidBecause: ['the generator was late'] }
  expect(judged([late])).toMatchObject({ passed: false, code: exitCodes.invalid })
  expect(judged([late], { wrongAnswers: 1 }).code).toBe(exitCodes.failed)
})

test('an interrupted run is invalid, and failed where an answer was wrong', () => {
  const faults = [`${partial} before "ceiling"`]
  expect(judged([good], { faults })).toMatchObject({ passed: false, code: exitCodes.invalid })
  expect(judged([], { faults: [partial] }).code).toBe(exitCodes.invalid)
  expect(judged([good], { faults, wrongAnswers: 1 }).code).toBe(exitCodes.failed)
  expect(judged([good], { faults: [...faults, 'p99 is too high'] }).code).toBe(exitCodes.failed)
})

test('where nothing answered the run is invalid, a refusal fails it', () => {
  for (const code of ['UNREACHABLE', 'CONNECTION', 'TIMEOUT'] as const)
    expect(exitCodeOfError(new TargetError(code, 'gone'))).toBe(exitCodes.invalid)
  expect(exitCodeOfError(new NodeProcessError('the node did not start'))).toBe(exitCodes.invalid)
  expect(exitCodeOfError(new TargetError('REFUSED', 'no'))).toBe(exitCodes.failed)
})

test('up to a hundredth of unserved arrivals passes, more fails', () => {
  expect(judged([{ ...good, dropped: 10 }]).passed).toBe(true)
  const { code, reasons } = judged([{ ...good, dropped: 11 }])
  expect(code).toBe(exitCodes.failed)
  expect(reasons).toEqual(['phase: 1.1 % of 1000 arrivals were not served: 11 dropped'])
})

test('every kind of unserved arrival is counted and named', () => {
  const timeouts = {
    operation: 'resolve',
    outcome: 'timeout',
    count: 30,
    latency: histogram,
    serviceTime: histogram,
  } as const
  const { reasons } = judged([{ ...good, dropped: 20, operations: [...good.operations, timeouts] }])
  expect(reasons).toEqual(['phase: 5.0 % of 1000 arrivals were not served: 20 dropped, 30 resolve timeout'])
})

function judged(
  phases: readonly Phase[],
  given: { readonly wrongAnswers?: number; readonly faults?: readonly string[] } = {},
) {
  const verdict = judge({ phases, wrongAnswers: 0, faults: [], ...given })
  return { passed: verdict.passed, reasons: verdict.reasons, code: exitCodeOf(verdict, phases) }
}
