import { systemClock } from '../../src/support/clock.ts'
import { LatencyHistogram } from '../measure/latency-histogram.ts'
import type { DrivenPhase } from '../report/report.ts'
import { measureOpenLoop } from '../run/open-loop-phase.ts'
import { inFlightDefault } from '../run/steps.ts'
import { targets } from '../target/index.ts'
import { createRecordGenerator } from '../workload/record-generator.ts'
import type { DelayModelName } from './delays.ts'
import { startKnownServer } from './known-server.ts'

export type KnownMeasurement = {
  readonly phase: DrivenPhase
  /** As the harness measured it, from the due time, and as the server did, from the arrival. */
  readonly measured: LatencyHistogram
  readonly truth: LatencyHistogram
}

export type KnownOptions = {
  readonly model: DelayModelName
  readonly ratePerSecond: number
  readonly durationSeconds: number
  readonly seed: number
  readonly signal: AbortSignal
  /** Called with the server's address while it is still up, after the measuring. */
  also?(url: string): Promise<void>
}

const identifiers = 1000

/** Points the harness at a server with known delays; both histograms are of the same requests, warm-up apart. */
export async function measureKnown(options: KnownOptions): Promise<KnownMeasurement> {
  const { seed, signal } = options
  const records = { prefix: '88.118', seed }
  const server = await startKnownServer({ model: options.model, identifiers, records, seed })
  const generator = createRecordGenerator(records)
  const connection = { url: server.url, connections: 256, timeoutSeconds: 10 }
  const target = await targets['handle-http']({ ...connection, generator, clock: systemClock })
  try {
    const { phase } = await measureOpenLoop(
      {
        name: options.model,
        workloadName: 'ycsb-c',
        workload: { kind: 'mix', preset: 'ycsb-c', identifiers, registrationBase: identifiers },
        schedule: 'poisson',
        profile: 'flat',
        ratePerSecond: options.ratePerSecond,
        durationSeconds: options.durationSeconds,
        warmUpSeconds: 1.5,
        workers: 1,
        target: { name: 'handle-http', ...connection },
        records,
        seed,
        inFlightMax: inFlightDefault,
      },
      {
        target,
        clock: systemClock,
        signal,
        progress: { update: () => undefined, stop: () => undefined },
        whenMeasuring: () => void server.takeTruth(),
      },
    )
    const truth = server.takeTruth()
    await options.also?.(server.url)
    const measured = new LatencyHistogram()
    for (const { latency } of phase.operations) measured.merge(LatencyHistogram.fromHistogram(latency))
    return { phase, measured, truth }
  } finally {
    await target.close()
    await server.close()
  }
}
