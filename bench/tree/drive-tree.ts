import type { Clock } from '../../src/support/clock.ts'
import { createPrng, deriveSeed } from '../../src/support/prng.ts'
import { runOpenLoop } from '../driver/open-loop.ts'
import { createConstantSchedule } from '../driver/schedules/constant.ts'
import { createOperationRecorder, summariseSnapshot } from '../measure/operation-recorder.ts'
import { checkAnswer, requestOf } from '../target/handle-http-operation.ts'
import { LeanExchange } from '../target/lean-exchange.ts'
import { TargetError } from '../target/target-error.ts'
import { createPermutation } from '../workload/distributions/permutation.ts'
import type { Operation, OperationResult } from '../workload/operation.ts'
import { createRecordGenerator, type RecordGenerator } from '../workload/record-generator.ts'
import type { TreePlace } from './tree-places.ts'

/** What one measurement asks: `count` identifiers of each place from the `from`-th on, in an order of its own. */
export type Asked = { readonly places: readonly TreePlace[]; readonly from: number; readonly count: number }

/** What clients of the recursive node saw. */
export type TreeMeasurement = {
  readonly name: string
  readonly offeredPerSecond: number
  readonly answered: number
  readonly failed: number
  readonly wrong: number
  readonly dropped: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  readonly firstFailure?: string
}

export type DriveTree = {
  readonly name: string
  readonly url: string
  readonly asked: Asked
  readonly ratePerSecond: number
  readonly durationSeconds: number
  readonly seed: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

const connections = 64
const timeoutSeconds = 15
const inFlightMax = 5000
/** Of the ordinal's digits, so many are the identifier's; those above are the place's. */
const placeStride = 2 ** 32

/** Asks the recursive node for identifiers of many prefixes at an offered rate; every answer is verified. */
export async function driveTree(options: DriveTree): Promise<TreeMeasurement> {
  const { name, url, asked, ratePerSecond, durationSeconds, seed, clock, signal } = options
  const exchange = new LeanExchange({ url, connections, timeoutSeconds, clock })
  const generators = asked.places.map(({ prefix }) =>
    createRecordGenerator({ seed, prefix, toleratesAddedAdmin: true }),
  )
  const recorder = createOperationRecorder({ startNs: 0 })
  try {
    await runOpenLoop({
      workload: { next: identifiersOf(asked, seed) },
      schedule: createConstantSchedule({ ratePerSecond, durationSeconds, worker: 0, workers: 1, seed }),
      target: {
        capabilities: { bulkRegistration: false, statistics: false },
        perform: (operation, giveUp) => perform(operation, { exchange, generators, signal: giveUp }),
        registerRange: () => Promise.reject(new TargetError('REFUSED', 'nothing is registered here')),
        statistics: async () => undefined,
        describe: async () => ({ url }),
        close: () => exchange.close(),
      },
      recorder,
      clock,
      inFlightMax,
      drainSecondsMax: timeoutSeconds + 1,
      signal,
    })
  } finally {
    await exchange.close()
  }
  return measurementOf(recorder, { name, ratePerSecond })
}

async function perform(
  operation: Operation,
  parts: {
    readonly exchange: LeanExchange
    readonly generators: readonly RecordGenerator[]
    readonly signal: AbortSignal
  },
): Promise<OperationResult> {
  const generator = parts.generators[Math.floor(operation.ordinal / placeStride)] as RecordGenerator
  const local = { ...operation, ordinal: operation.ordinal % placeStride }
  const request = requestOf({ operation: local, generator, authorization: undefined })
  try {
    return checkAnswer({ operation: local, generator }, await parts.exchange.send(request, parts.signal))
  } catch (error) {
    if (!(error instanceof TargetError)) throw error
    return { outcome: error.code === 'TIMEOUT' ? 'timeout' : 'error', detail: error.message }
  }
}

/** Each identifier once, then again from the first: the order is scattered, so that neighbours do not help each other. */
function identifiersOf({ places, from, count }: Asked, seed: number): () => Operation {
  const prng = createPrng(deriveSeed(seed, 31))
  const scatter = places.map(({ identifiers, prefix }) =>
    createPermutation({ items: identifiers, seed: deriveSeed(seed, numberOf(prefix)) }),
  )
  const next = places.map(() => 0)
  return () => {
    const place = prng.nextBelow(places.length)
    const number = (next[place] ?? 0) % count
    next[place] = number + 1
    const identifiers = places[place]?.identifiers ?? 1
    const ordinal = scatter[place]?.((from + number) % identifiers) ?? 0
    return { kind: 'resolve', ordinal: place * placeStride + ordinal, revision: 0 }
  }
}

/** The same order of a place's identifiers in every measurement, whichever others are asked beside it. */
function numberOf(prefix: string): number {
  let number = 0
  for (const character of prefix) number = (number * 31 + character.charCodeAt(0)) % 1_000_003
  return number
}

function measurementOf(
  recorder: ReturnType<typeof createOperationRecorder>,
  { name, ratePerSecond }: { readonly name: string; readonly ratePerSecond: number },
): TreeMeasurement {
  const summary = summariseSnapshot(recorder.snapshot())
  const ok = summary.operations.find(({ outcome }) => outcome === 'ok')
  const answered = ok?.count ?? 0
  const [firstFailure] = [...summary.wrongExamples, ...summary.errorExamples]
  const ms = (ns: number | undefined): number => (ns ?? 0) / 1e6
  return {
    name,
    offeredPerSecond: ratePerSecond,
    answered,
    failed: summary.settled - answered,
    wrong: summary.wrong,
    dropped: summary.dropped,
    p50Ms: ms(ok?.latency.p50Ns),
    p99Ms: ms(ok?.latency.p99Ns),
    maxMs: ms(ok?.latency.maxNs),
    ...(firstFailure === undefined ? {} : { firstFailure }),
  }
}
