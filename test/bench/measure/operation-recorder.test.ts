import { describe, expect, test } from 'vitest'
import {
  createOperationRecorder,
  examplesMax,
  mergeSnapshots,
  type OperationSample,
  summariseSnapshot,
} from '../../../bench/measure/operation-recorder.ts'

const startNs = 5e9

describe('operation recorder', () => {
  test('latency counts from the due time and service time from the send time', () => {
    const recorder = createOperationRecorder({ startNs })
    recorder.record(sample({ dueMs: 100, sentMs: 130, doneMs: 150 }))
    const [measurement] = summariseSnapshot(recorder.snapshot()).operations
    expect(measurement?.latency.maxNs).toBe(50e6)
    expect(measurement?.serviceTime.maxNs).toBe(20e6)
  })

  test('operations are kept apart by kind and outcome, in the order of their lists', () => {
    const recorder = createOperationRecorder({ startNs })
    recorder.record(sample({ kind: 'register', outcome: 'busy' }))
    recorder.record(sample({ kind: 'resolve', outcome: 'timeout' }))
    recorder.record(sample({ kind: 'resolve', outcome: 'ok' }))
    recorder.record(sample({ kind: 'resolve', outcome: 'ok' }))
    const { operations } = summariseSnapshot(recorder.snapshot())
    expect(operations.map(({ operation, outcome, count }) => [operation, outcome, count])).toEqual([
      ['resolve', 'ok', 2],
      ['resolve', 'timeout', 1],
      ['register', 'busy', 1],
    ])
  })

  test('everything due is either settled or dropped', () => {
    const recorder = createOperationRecorder({ startNs })
    recorder.record(sample({}))
    recorder.record(sample({ outcome: 'wrong' }))
    recorder.recordDropped('resolve', startNs)
    recorder.recordDropped('list', startNs)
    recorder.recordDropped('list', startNs)
    expect(summariseSnapshot(recorder.snapshot())).toMatchObject({
      due: 5,
      settled: 2,
      dropped: 3,
      droppedOperations: [
        { operation: 'resolve', count: 1 },
        { operation: 'list', count: 2 },
      ],
      wrong: 1,
    })
  })

  test('the timeline places offers in their due second and answers in the second they came', () => {
    const recorder = createOperationRecorder({ startNs })
    recorder.record(sample({ dueMs: 900, sentMs: 900, doneMs: 950 }))
    recorder.record(sample({ dueMs: 990, sentMs: 990, doneMs: 2100 }))
    recorder.record(sample({ dueMs: 2200, sentMs: 2200, doneMs: 2300, outcome: 'error' }))
    recorder.recordDropped('resolve', startNs + 1.5e9)
    const { timeline } = summariseSnapshot(recorder.snapshot())
    expect(
      timeline.map(({ atSeconds, offered, completed, failed, maxNs }) => [
        atSeconds,
        offered,
        completed,
        failed,
        maxNs,
      ]),
    ).toEqual([
      [0, 2, 1, 0, 50e6],
      [1, 1, 0, 0, 0],
      [2, 1, 1, 1, 1110e6],
    ])
  })

  test('a snapshot taken in the middle of a second loses nothing of that second', () => {
    const recorder = createOperationRecorder({ startNs })
    recorder.record(sample({ dueMs: 0, sentMs: 0, doneMs: 10 }))
    recorder.snapshot()
    recorder.record(sample({ dueMs: 0, sentMs: 0, doneMs: 400 }))
    const [first] = summariseSnapshot(recorder.snapshot()).timeline
    expect(first).toMatchObject({ offered: 2, completed: 2, maxNs: 400e6 })
    expect(first?.p50Ns).toBeGreaterThan(9.8e6)
    expect(first?.p50Ns).toBeLessThan(10.2e6)
  })

  test('snapshots of several workers add up to what one recorder would have seen', () => {
    const workers = [createOperationRecorder({ startNs }), createOperationRecorder({ startNs })]
    const together = createOperationRecorder({ startNs })
    const arrivals = Array.from({ length: 2000 }, (_, index) => {
      const sentMs = index * 2 + (index % 7)
      return { index, dueMs: index * 2, sentMs, doneMs: sentMs + 1 + ((index * 31) % 97) }
    }).toSorted((left, right) => left.doneMs - right.doneMs)
    for (const { index, dueMs, sentMs, doneMs } of arrivals) {
      const outcome = index % 100 === 0 ? 'timeout' : 'ok'
      const kind = index % 3 === 0 ? 'absent' : 'resolve'
      for (const recorder of [workers[index % 2], together]) {
        recorder?.record({ ...sample({ kind, outcome, dueMs, sentMs, doneMs }), afterEnd: doneMs > 4000 })
        recorder?.recordLateness((sentMs - dueMs) * 1e6)
        if (index % 500 === 0) recorder?.recordDropped(kind, startNs + dueMs * 1e6)
      }
    }
    const travelled = workers.map((worker) => JSON.parse(JSON.stringify(worker.snapshot())))
    expect(summariseSnapshot(mergeSnapshots(travelled))).toEqual(summariseSnapshot(together.snapshot()))
  })

  test('the first wrong answers and the first failures are kept apart, shortened, and bounded across workers', () => {
    const recorder = createOperationRecorder({ startNs })
    for (let index = 0; index < examplesMax + 3; index++) {
      recorder.record(sample({ outcome: 'wrong', detail: `wrong ${index}` }))
      recorder.record(sample({ outcome: 'error', detail: 'x'.repeat(10_000) }))
    }
    const snapshot = recorder.snapshot()
    const merged = mergeSnapshots([snapshot, snapshot])
    expect(merged.wrongExamples).toEqual([0, 1, 2, 3, 4].map((index) => `resolve: wrong: wrong ${index}`))
    expect(merged.errorExamples).toHaveLength(examplesMax)
    expect(merged.errorExamples[0]?.length).toBeLessThan(700)
  })
})

function sample(sampleInMs: {
  kind?: OperationSample['kind']
  outcome?: OperationSample['outcome']
  dueMs?: number
  sentMs?: number
  doneMs?: number
  detail?: string
}): OperationSample {
  const {
    kind = 'resolve',
    outcome = 'ok',
    dueMs = 0,
    sentMs = dueMs,
    doneMs = sentMs + 1,
    detail,
  } = sampleInMs
  return {
    kind,
    outcome,
    dueNs: startNs + dueMs * 1e6,
    sentNs: startNs + sentMs * 1e6,
    doneNs: startNs + doneMs * 1e6,
    detail,
  }
}
