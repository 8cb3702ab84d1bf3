import { systemClock } from '../../src/support/clock.ts'
import { LatencyHistogram } from '../measure/latency-histogram.ts'
import { measureOpenLoop } from '../run/open-loop-phase.ts'
import { inFlightDefault } from '../run/steps.ts'
import { targets } from '../target/index.ts'
import { createRecordGenerator } from '../workload/record-generator.ts'
import { type AskedHandles, peerPrefix } from './node-peer.ts'
import type { RunningPeer } from './peer.ts'

/** Latency from the due time at one offered rate. */
export type RateLatency = {
  readonly name: string
  readonly offeredPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  /** False where the load generator could not keep up: its delays are in the figures. */
  readonly valid: boolean
}

type Options = AskedHandles & {
  readonly ratePerSecond: number
  readonly durationSeconds: number
  /** That the generator is bound to; any unless given. */
  readonly cores?: readonly number[] | undefined
  readonly signal: AbortSignal
}

/**
 * Offers resolves at a fixed rate by the harness's open loop. Servers of a fixed body answer wrongly by its lights, which
 * does not matter here: every answer's latency counts.
 */
export async function latencyAtRate(peer: RunningPeer, options: Options): Promise<RateLatency> {
  const { seed, handles, ratePerSecond, durationSeconds, cores, signal } = options
  const records = { prefix: peerPrefix, seed }
  const connection = { url: peer.url, connections: 64, timeoutSeconds: 10 }
  const target = await targets['handle-http']({
    ...connection,
    generator: createRecordGenerator(records),
    clock: systemClock,
  })
  try {
    const { phase } = await measureOpenLoop(
      {
        name: peer.name,
        workloadName: 'ycsb-c',
        workload: { kind: 'mix', preset: 'ycsb-c', identifiers: handles, registrationBase: handles },
        schedule: 'poisson',
        profile: 'flat',
        ratePerSecond,
        durationSeconds,
        warmUpSeconds: 3,
        workers: 1,
        cores,
        target: { name: 'handle-http', ...connection },
        records,
        seed,
        inFlightMax: inFlightDefault,
      },
      { target, clock: systemClock, signal, progress: { update: () => undefined, stop: () => undefined } },
    )
    const latency = new LatencyHistogram()
    for (const operation of phase.operations) latency.merge(LatencyHistogram.fromHistogram(operation.latency))
    const atMs = (share: number): number => latency.percentileNs(share) / 1e6
    return {
      name: peer.name,
      offeredPerSecond: ratePerSecond,
      p50Ms: atMs(0.5),
      p99Ms: atMs(0.99),
      p999Ms: atMs(0.999),
      valid: phase.valid,
    }
  } finally {
    await target.close()
  }
}
