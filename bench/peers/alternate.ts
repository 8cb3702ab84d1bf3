import { processUsage } from '../measure/process-usage.ts'
import type { Burst } from './closed-loop.ts'
import type { RunningPeer } from './peer.ts'

/** One burst with what it cost the server. */
export type Sample = {
  readonly requestsPerSecond: number
  /** Undefined where the server's processes are not of this machine. */
  readonly requestsPerCpuSecond: number | undefined
  readonly serverCores: number | undefined
  readonly unexpected: number
}

/** One side over all alternations. */
export type Measured = {
  readonly name: string
  readonly about: string
  readonly samples: readonly Sample[]
  readonly requestsPerSecond: Spread
  readonly requestsPerCpuSecond: Spread | undefined
  readonly residentBytes: number | undefined
  readonly unexpected: number
}

/** Median with the least and the most. */
export type Spread = { readonly median: number; readonly least: number; readonly most: number }

export type Alternation = {
  readonly peers: readonly RunningPeer[]
  readonly alternations: number
  burst(peer: RunningPeer): Promise<Burst>
  progress?(text: string): void
}

/**
 * Runs every side once a round, in turned order, after rounds that do not count: whatever disturbs this machine
 * then disturbs all sides alike, and the ratios of a round survive it.
 */
export async function alternate(options: Alternation): Promise<readonly Measured[]> {
  const { peers, alternations, burst } = options
  const samples = new Map<RunningPeer, Sample[]>(peers.map((peer) => [peer, []]))
  for (let round = 1 - warmUpRounds; round <= alternations; round++) {
    for (let turn = 0; turn < peers.length; turn++) {
      const peer = peers[(round + warmUpRounds + turn) % peers.length] as RunningPeer
      const sample = await sampleOf(peer, burst)
      if (round > 0) samples.get(peer)?.push(sample)
      options.progress?.(
        `${round <= 0 ? 'warm-up' : `${round}/${alternations}`} ${peer.name}: ${describe(sample)}`,
      )
    }
  }
  return peers.map((peer) => measured(peer, samples.get(peer) ?? []))
}

// What the first requests run is not compiled yet.
const warmUpRounds = 3

async function sampleOf(peer: RunningPeer, burst: Alternation['burst']): Promise<Sample> {
  const before = usageOf(peer)
  const { requests, seconds, unexpected } = await burst(peer)
  const after = usageOf(peer)
  const cpuSeconds =
    before === undefined || after === undefined ? undefined : after.cpuSeconds - before.cpuSeconds
  return {
    requestsPerSecond: requests / seconds,
    requestsPerCpuSecond: cpuSeconds === undefined ? undefined : requests / cpuSeconds,
    serverCores: cpuSeconds === undefined ? undefined : cpuSeconds / seconds,
    unexpected,
  }
}

function usageOf(peer: RunningPeer) {
  if (peer.pids.length === 0) return undefined
  const sum = { cpuSeconds: 0, residentBytes: 0 }
  for (const pid of peer.pids) {
    const usage = processUsage(pid)
    if (usage === undefined) return undefined
    sum.cpuSeconds += usage.cpuSeconds
    sum.residentBytes += usage.residentBytes
  }
  return sum
}

function measured(peer: RunningPeer, samples: readonly Sample[]): Measured {
  const byCpu = samples.flatMap(({ requestsPerCpuSecond }) => requestsPerCpuSecond ?? [])
  return {
    name: peer.name,
    about: peer.about,
    samples,
    requestsPerSecond: spreadOf(samples.map(({ requestsPerSecond }) => requestsPerSecond)),
    requestsPerCpuSecond: byCpu.length === 0 ? undefined : spreadOf(byCpu),
    residentBytes: usageOf(peer)?.residentBytes,
    unexpected: samples.reduce((sum, { unexpected }) => sum + unexpected, 0),
  }
}

/** Median, least and most of some numbers. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((left, right) => left - right)
  const middle = (sorted.length - 1) / 2
  const median = ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2
  return { median, least: sorted[0] ?? 0, most: sorted.at(-1) ?? 0 }
}

function describe({ requestsPerSecond, requestsPerCpuSecond }: Sample): string {
  const byCpu = requestsPerCpuSecond === undefined ? 'unknown' : Math.round(requestsPerCpuSecond)
  return `${Math.round(requestsPerSecond)} requests/s, ${byCpu} per server CPU second`
}
