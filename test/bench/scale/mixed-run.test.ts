import { describe, expect, test } from 'vitest'
import { parseEngineLog } from '../../../bench/scale/engine-log.ts'
import { MixedRecord } from '../../../bench/scale/mixed-record.ts'

const log = `2026/01/02-03:04:05.000000 7f12 Recovering log #5
2026/01/02-03:04:06.100000 7f12 Level-0 table #7: started
2026/01/02-03:04:06.900000 7f12 Level-0 table #7: 65000000 bytes OK
2026/01/02-03:04:07.000000 7f12 Compacting 4@0 + 3@1 files
2026/01/02-03:04:07.500000 7f12 Level-0 table #9: started
2026/01/02-03:04:07.700000 7f12 Level-0 table #9: 65000000 bytes OK
2026/01/02-03:04:09.000000 7f12 compacted to: files[ 0 7 9 0 0 0 0 ]
2026/01/02-03:04:10.000000 7f12 Compacting 1@1 + 2@2 files
2026/01/02-03:04:11.000000 7f12 Generated table #12@1: 100 keys
`
const at = (second: number): number => new Date(2026, 0, 2, 3, 4, second).getTime()

describe('a mixed run', () => {
  test('reads flushes and compactions from the log of the engine, one within another and one unfinished', () => {
    expect(
      parseEngineLog(log).map(({ kind, fromMs, untilMs }) => [kind, fromMs - at(0), untilMs - at(0)]),
    ).toEqual([
      ['flush', 6100, 6900],
      ['compaction', 7000, 9000],
      ['flush', 7500, 7700],
      ['compaction', 10_000, 11_000],
    ])
  })

  test('makes one stall of requests that wait together, and names what ran beside it', () => {
    const record = new MixedRecord({ stallMs: 100, nowNs: () => 2.2e9 })
    const answer = (kind: 'resolve' | 'register', dueMs: number, doneMs: number): void =>
      record.record({ kind, outcome: 'ok', dueNs: dueMs * 1e6, sentNs: dueMs * 1e6, doneNs: doneMs * 1e6 })
    answer('resolve', 500, 501)
    answer('register', 2100, 2250)
    answer('resolve', 2120, 2300)
    answer('register', 5000, 5150)
    record.recordLateness(20e6)
    const [first, second, ...none] = record.stalls(parseEngineLog(log), at(5))
    expect(none).toEqual([])
    expect(first).toMatchObject({
      fromSeconds: 2.1,
      untilSeconds: 2.3,
      requests: { resolve: 1, register: 1 },
    })
    expect(first?.longestMs).toBeCloseTo(180, 3)
    expect(first?.beside).toEqual(['compaction: Compacting 4@0 + 3@1 files'])
    expect(first?.latenessMs).toBe(20)
    expect(second).toMatchObject({ beside: ['compaction: Compacting 1@1 + 2@2 files'], latenessMs: 0 })
  })

  test('tells for each second how long the engine worked in it', () => {
    const record = new MixedRecord({ stallMs: 100, nowNs: () => 0 })
    record.record({ kind: 'resolve', outcome: 'ok', dueNs: 0, sentNs: 0, doneNs: 3.5e9 })
    const seconds = record.seconds(parseEngineLog(log), at(5))
    expect(seconds.map(({ flushMs, compactionMs }) => [flushMs, compactionMs])).toEqual([
      [0, 0],
      [800, 0],
      [200, 1000],
      [0, 1000],
    ])
    expect(seconds[3]?.resolve.answered).toBe(1)
  })
})
