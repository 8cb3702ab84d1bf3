import { describe, expect, test } from 'vitest'
import { describeUnmet, judgeObjectives } from '../../../bench/objective/judge-objectives.ts'
import { ObjectiveError, parseObjectives } from '../../../bench/objective/parse-objectives.ts'
import type { DrivenPhase } from '../../../bench/report/report.ts'
import { type OperationKind, operationKinds } from '../../../bench/workload/operation.ts'
import { exampleReport } from '../../support/example-report.ts'

const parse = (text: string) => parseObjectives(text, operationKinds)

test('times, shares and rates are read in the units that people write', () => {
  expect(
    parse('resolve.p99<10ms, errors<0.01%,throughput>4500,p99.9<1s,max<250us,dropped<0.5'),
  ).toMatchObject([
    { operation: 'resolve', metric: 'p99', comparison: '<', bound: 10e6 },
    { operation: undefined, metric: 'errors', bound: 0.0001 },
    { metric: 'throughput', comparison: '>', bound: 4500 },
    { metric: 'p99.9', bound: 1e9 },
    { metric: 'max', bound: 250e3 },
    { metric: 'dropped', bound: 0.5 },
  ])
})

test.each([
  '',
  'p99',
  'p99<',
  '<10ms',
  'p99=10ms',
  'p99<10',
  'errors<2',
  'throughput<5',
  'throughput>5ms',
  'x.y.p99<1ms',
])('"%s" is refused with what was expected', (text) => {
  expect(() => parse(text)).toThrow(ObjectiveError)
  expect(() => parse(text)).toThrow(`"${text}"`)
})

describe('a measured phase', () => {
  const phase = exampleReport().phases.find((candidate) => candidate.kind === 'open-loop') as DrivenPhase
  const resolve = phase.operations.find(
    ({ operation, outcome }) => operation === 'resolve' && outcome === 'ok',
  )

  test('meets a bound just above what it reached and misses one just below, and says by how much', () => {
    const p99Ms = (resolve?.latency.p99Ns ?? 0) / 1e6
    const [met, missed] = judgeObjectives(
      phase,
      parse(`resolve.p99<${(p99Ms * 1.02).toFixed(6)}ms,resolve.p99<${(p99Ms * 0.9).toFixed(6)}ms`),
    )
    expect([met?.met, missed?.met]).toEqual([true, false])
    expect(missed === undefined ? '' : describeUnmet(missed)).toContain('was not met:')
  })

  test('an operation that never ran meets no latency objective', () => {
    const absent = {
      ...phase,
      operations: phase.operations.filter(({ operation }) => operation !== 'resolve'),
    }
    expect(judgeObjectives(absent, parse('resolve.p99<1s'))).toMatchObject([{ met: false }])
  })

  test('failures and drops count as shares of what was due', () => {
    const failing = {
      ...phase,
      due: 200,
      dropped: 100,
      droppedOperations: [
        { operation: 'resolve', count: 60 },
        { operation: 'register', count: 40 },
      ],
      operations: [
        {
          operation: 'resolve',
          outcome: 'ok',
          count: 90,
          latency: resolve?.latency,
          serviceTime: resolve?.latency,
        },
        {
          operation: 'resolve',
          outcome: 'timeout',
          count: 10,
          latency: resolve?.latency,
          serviceTime: resolve?.latency,
        },
      ],
    } as unknown as DrivenPhase
    const objectives = parse('errors<50%,dropped<60%,resolve.errors<50%,register.errors<50%')
    const values = judgeObjectives(failing, objectives).map(({ value, met }) => [value, met])
    expect(values).toEqual([
      [(10 + 100) / 200, false],
      [100 / 200, true],
      [(10 + 60) / 160, true],
      [40 / 40, false],
    ])
  })

  test('what was dropped is later than everything that was answered', () => {
    const dropping = { ...phase, dropped: 0, droppedOperations: [] }
    const answered = phase.operations.reduce((total, { count }) => total + count, 0)
    const values = (kind: OperationKind, count: number) =>
      judgeObjectives(
        { ...dropping, dropped: count, droppedOperations: [{ operation: kind, count }] },
        parse('p50<1s,p90<1s,max<1s,mean<1s,resolve.max<1s'),
      ).map(({ value }) => value)
    const [p50, p90, max, mean, resolveMax] = values('resolve', 0)
    const some = values('register', Math.round(answered / 4))
    expect(some[0]).toBeGreaterThanOrEqual(p50 ?? 0)
    expect(some[0]).toBeLessThan(p90 ?? 0)
    expect(some.slice(1)).toEqual([Infinity, Infinity, Infinity, resolveMax])
    expect([max, mean].every(Number.isFinite)).toBe(true)
    expect(values('resolve', 1)[4]).toBe(Number.POSITIVE_INFINITY)
    const [unmet] = judgeObjectives({ ...dropping, dropped: answered * 9 }, parse('p99<10s'))
    expect(unmet?.met).toBe(false)
    expect(unmet === undefined ? '' : describeUnmet(unmet)).toContain('too few were answered')
  })
})
