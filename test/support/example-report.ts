import { LatencyHistogram } from '../../bench/measure/latency-histogram.ts'
import { createOperationRecorder, summariseSnapshot } from '../../bench/measure/operation-recorder.ts'
import { TimelineRecorder, toTimelinePoints } from '../../bench/measure/timeline-recorder.ts'
import {
  type CeilingPhase,
  type DrivenPhase,
  type LoadPhase,
  type Report,
  reportSchemaVersion,
} from '../../bench/report/report.ts'
import type { OperationKind, Outcome } from '../../bench/workload/operation.ts'
import { createPrng, type Prng } from '../../src/support/prng.ts'

/** A report as a run makes it: real recorders, seeded samples, all three kinds of phase. Passed, and without a flaw. */
export function exampleReport(): Report {
  example ??= makeExample()
  return example
}

// Recording its samples takes a second, and dozens of tests ask for it.
let example: Report | undefined

function makeExample(): Report {
  return {
    schemaVersion: reportSchemaVersion,
    startedAt: '2026-03-02T09:30:00.000Z',
    finishedAt: '2026-03-02T09:31:22.500Z',
    command: [
      'erji-bench',
      'run',
      '--target',
      'http://127.0.0.1:8000',
      '--preset',
      'traceability',
      '--note',
      "two's",
    ],
    config: {
      preset: 'traceability',
      identifiers: 200_000,
      rate: 400,
      duration: 20,
      mix: { resolve: 0.9 },
      trace: null,
    },
    seed: 20260302,
    environment: {
      cpuModel: 'Example CPU @ 2.50GHz',
      logicalCores: 2,
      memoryBytes: 8 * 2 ** 30,
      kernel: 'Linux 6.1.0',
      runtime: 'Node.js v24.0.0',
      commit: '0123456789abcdef0123456789abcdef01234567+dirty',
      harnessVersion: '0.1.0',
    },
    target: {
      url: 'http://127.0.0.1:8000',
      server: 'erji',
      version: '0.1.0',
      storeEngine: 'level',
      durability: 'sync',
      cacheBytesMax: 64 * 2 ** 20,
      records: 200_004,
      storeBytes: 200_004 * 61,
    },
    calibration: {
      generatorPerSecond: 150_000,
      echoPerSecond: 40_000,
      floorPerSecond: 5000,
      floorP50Ns: 90_000,
      floorP99Ns: 400_000,
      latenessP99Ns: 150_000,
    },
    phases: [exampleLoadPhase(), exampleOpenLoopPhase(), exampleCeilingPhase()],
    verdict: { passed: true, wrongAnswers: 0, reasons: [] },
  }
}

/** The same run gone wrong: wrong answers, errors, drops, and a generator that could not keep up. */
export function failedExampleReport(): Report {
  const report = exampleReport()
  const invalid = exampleOpenLoopPhase({ name: 'traceability at 2,000/s', failing: true })
  const wrongAnswers = invalid.operations
    .filter(({ outcome }) => outcome === 'wrong')
    .reduce((total, { count }) => total + count, 0)
  return {
    ...report,
    phases: [...report.phases.slice(0, 2), invalid, ...report.phases.slice(2)],
    verdict: {
      passed: false,
      wrongAnswers,
      reasons: [
        `${wrongAnswers} answers differ from what was registered`,
        'traceability at 2,000/s is invalid: the harness was the limit',
      ],
    },
  }
}

function exampleLoadPhase(): LoadPhase {
  const prng = createPrng(1)
  const batchServiceTime = new LatencyHistogram()
  const timeline = new TimelineRecorder({ startNs: 0 })
  const batchRecords = 500
  for (let doneNs = 3e6; doneNs < 4e9; doneNs += 10e6) {
    const latencyNs = exampleDurationNs(prng, { medianNs: 7e6 })
    batchServiceTime.record(latencyNs)
    timeline.recordOffered(doneNs, batchRecords)
    timeline.recordDone({ doneNs, latencyNs, completed: batchRecords, failed: 0 })
  }
  return {
    kind: 'load',
    name: 'load',
    startedAt: '2026-03-02T09:30:00.000Z',
    durationSeconds: 4,
    valid: true,
    invalidBecause: [],
    harnessCpuSeconds: 3.1,
    nodeCpuSeconds: 3.7,
    nodeWaitedSeconds: 0.4,
    machineCpuSeconds: 7.1,
    nodeResidentBytes: 310 * 2 ** 20,
    identifiers: 200_000,
    created: 200_000,
    identical: 0,
    failed: 0,
    registeredPerSecond: 50_000,
    generatedJsonBytesPerRecord: 247.3,
    storeBytesPerRecord: 61.2,
    sampled: 1000,
    sampledWrong: 0,
    batchServiceTime: batchServiceTime.toHistogram(),
    timeline: toTimelinePoints(timeline.toSnapshot()),
  }
}

function exampleOpenLoopPhase({ name = 'traceability at 400/s', failing = false } = {}): DrivenPhase {
  const prng = createPrng(failing ? 3 : 2)
  const ratePerSecond = failing ? 2000 : 400
  const seconds = failing ? 8 : 20
  const recorder = createOperationRecorder({ startNs: 0 })
  const samples = Array.from({ length: ratePerSecond * seconds }, (_, index) => {
    const dueNs = (index * 1e9) / ratePerSecond
    const latenessNs = failing ? prng.nextDouble() * 60e6 : prng.nextDouble() * 0.3e6
    return exampleSample({ prng, dueNs, latenessNs, failing })
  }).toSorted((left, right) => left.doneNs - right.doneNs)
  for (const sample of samples) {
    recorder.recordLateness(sample.sentNs - sample.dueNs)
    if (failing && prng.nextBelow(50) === 0) recorder.recordDropped(sample.kind, sample.dueNs)
    else recorder.record(sample)
  }
  const { settled, wrong: _wrong, ...measured } = summariseSnapshot(recorder.snapshot())
  const { operations } = measured
  const ok = operations
    .filter(({ outcome }) => outcome === 'ok')
    .reduce((total, { count }) => total + count, 0)
  return {
    kind: 'open-loop',
    name,
    startedAt: '2026-03-02T09:30:10.000Z',
    durationSeconds: seconds,
    valid: !failing,
    invalidBecause: failing
      ? [
          'the generator was late: p99 of its scheduling lateness was 59.4 ms, the bound is 10 ms; use more --workers or a lower --rate',
        ]
      : [],
    harnessCpuSeconds: 5.2,
    nodeCpuSeconds: 4.4,
    nodeResidentBytes: 402 * 2 ** 20,
    workload: 'traceability',
    offeredPerSecond: ratePerSecond,
    ...measured,
    sent: settled,
    achievedPerSecond: ok / seconds,
    cache: { hits: 6000, misses: 1500, negativeHits: 310, hitRatio: 0.8 },
  }
}

function exampleSample(options: { prng: Prng; dueNs: number; latenessNs: number; failing: boolean }) {
  const { prng, dueNs, latenessNs, failing } = options
  const kind = exampleKind(prng)
  const outcome = failing ? exampleOutcome(prng) : 'ok'
  const sentNs = dueNs + latenessNs
  const doneNs = sentNs + exampleDurationNs(prng, { medianNs: kind === 'register' ? 2e6 : 0.4e6 })
  const detail = outcome === 'ok' ? undefined : `example of ${outcome} at 88.100.1/<追溯>&"1"`
  return { kind, outcome, dueNs, sentNs, doneNs, detail }
}

function exampleKind(prng: Prng): OperationKind {
  const draw = prng.nextBelow(100)
  if (draw < 85) return 'resolve'
  return draw < 95 ? 'register' : 'absent'
}

function exampleOutcome(prng: Prng): Outcome {
  const draw = prng.nextBelow(1000)
  if (draw < 2) return 'wrong'
  if (draw < 20) return 'timeout'
  return draw < 60 ? 'error' : 'ok'
}

/** Log-normal with a long tail, as service times are. */
function exampleDurationNs(prng: Prng, { medianNs }: { medianNs: number }): number {
  const normal = Math.sqrt(-2 * Math.log(1 - prng.nextDouble())) * Math.cos(2 * Math.PI * prng.nextDouble())
  return medianNs * Math.exp(0.7 * normal)
}

function exampleCeilingPhase(): CeilingPhase {
  return {
    kind: 'ceiling',
    name: 'ceiling',
    startedAt: '2026-03-02T09:31:12.500Z',
    durationSeconds: 10,
    valid: true,
    invalidBecause: [],
    harnessCpuSeconds: 9.4,
    nodeCpuSeconds: 9.8,
    tool: 'autocannon',
    connections: 64,
    requestsPerSecond: 41_250,
    errors: 0,
    latencyMs: { p50: 1, p99: 3, max: 41 },
  }
}
