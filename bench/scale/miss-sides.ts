import { totalmem } from 'node:os'
import type { Clock } from '../../src/support/clock.ts'
import { alternate, type Spread, spreadOf } from '../peers/alternate.ts'
import { chooseClosedLoop, expectingRefusal } from '../peers/closed-loop.ts'
import { type Compared, comparedWith } from '../peers/comparison-tables.ts'
import { fixedPeer } from '../peers/fixed-peer.ts'
import type { RunningPeer } from '../peers/peer.ts'
import { openHandleHttpTarget } from '../target/handle-http.ts'
import type { Target } from '../target/target.ts'
import { createRecordGenerator, type RecordGenerator } from '../workload/record-generator.ts'
import type { Workload } from '../workload/workload.ts'
import { askedPath, mostAsked, neverAskedBefore, takingTurns, writeBurst } from './drawn-paths.ts'
import { type DriveContext, driveOffered, workloadOf } from './drive.ts'
import { type StoreContext, withNode } from './scale-node.ts'

export type MissOptions = {
  readonly cacheShare: number
  readonly cachePolicy: string
  readonly alternations: number
  readonly seconds: number
  readonly warmUp: number
  /** 0 for half of what the slowest side takes. */
  readonly rate: number
  readonly offeredSeconds: number
  /** Where the paths of a burst are written. */
  readonly directory: string
}

export type MissResult = {
  readonly identifiers: number
  readonly cacheEntriesMax: number
  readonly bodyBytes: number
  readonly sides: readonly Compared[]
  readonly offeredPerSecond: number
  readonly latencies: readonly OfferedLatency[]
}

type HitRatio = { readonly hitRatio: number }

/** Medians over the alternations, from when a request was due. */
export type OfferedLatency = Partial<HitRatio> & {
  readonly name: string
  readonly p50Ms: Spread
  readonly p99Ms: Spread
  readonly notServed: number
}

/** The side that all are compared with. */
export const baseSide = 'node:http'

type Side = {
  readonly name: string
  readonly about: string
  readonly peer: Pick<RunningPeer, 'url' | 'pids'>
  readonly workload: Workload
  readonly target: Target
  /** What the server answers to it: 404 is as expected for an absent handle. */
  readonly expectsRefusal: boolean
}

// Few enough to stay in the cache while others are asked for.
const cachedHandles = 1000
const drawnForPopularity = 400_000
// More than any server here answers; what is left over is drawn for nothing.
const requestsPerSecondMax = 130_000

/** All sides by turns over one store: requests per server CPU second first, then latencies at one offered rate. */
export async function measureMisses(context: StoreContext, options: MissOptions): Promise<MissResult> {
  const { identifiers, flags, clock, signal } = context
  const { prefix, seed, connections } = flags
  const cacheEntriesMax = Math.max(1, Math.round(identifiers * options.cacheShare))
  const cacheBytes = Math.round(Math.min(Math.max(cacheEntriesMax * 2048, 16 * 2 ** 20), totalmem() / 3))
  const generator = createRecordGenerator({ prefix, seed, toleratesAddedAdmin: true })
  const { cachePolicy } = options
  const node = {
    cacheBytes,
    cacheEntriesMax,
    durability: 'os',
    ...(cachePolicy === '' ? {} : { cachePolicy }),
  }
  return withNode(context, node, async ({ url, pid }, { target }) => {
    const path = askedPath({ kind: 'resolve', ordinal: 0, revision: 0 }, generator)
    const body = await (await fetch(url + path)).text()
    const bare = await fixedPeer(baseSide, { body }).start()
    if ('skippedBecause' in bare) throw new Error(bare.skippedBecause)
    const bareTarget = await openHandleHttpTarget({
      url: bare.url,
      connections,
      timeoutSeconds: 10,
      generator,
      clock,
    })
    try {
      const sides = sidesOf({ identifiers, seed, node: { url, pids: [pid], target }, bare, bareTarget })
      const found = await measureSides(sides, {
        ...options,
        generator,
        connections,
        signal,
        clock,
        say: context.say,
      })
      return { identifiers, cacheEntriesMax, bodyBytes: Buffer.byteLength(body), ...found }
    } finally {
      await bareTarget.close()
      await bare.stop()
    }
  })
}

function sidesOf(parts: {
  readonly identifiers: number
  readonly seed: number
  readonly node: { readonly url: string; readonly pids: readonly number[]; readonly target: Target }
  readonly bare: RunningPeer
  readonly bareTarget: Target
}): readonly Side[] {
  const { identifiers, seed, node, bare, bareTarget } = parts
  const popular = mostAsked(workloadOf('zipfian', parts), { drawn: drawnForPopularity, most: cachedHandles })
  const ours = { peer: node, target: node.target, expectsRefusal: false }
  return [
    {
      ...ours,
      name: 'cached',
      about: `${popular.length} popular handles in turn`,
      workload: takingTurns(popular),
    },
    { ...ours, name: 'zipfian', about: 'all handles, exponent 0.99', workload: workloadOf('zipfian', parts) },
    {
      ...ours,
      name: 'absent',
      about: 'counterfeits between the handles, each once',
      workload: neverAskedBefore({ identifiers, seed }),
      expectsRefusal: true,
    },
    {
      name: baseSide,
      about: bare.about,
      peer: bare,
      target: bareTarget,
      workload: takingTurns(popular),
      expectsRefusal: false,
    },
  ]
}

type MeasureOptions = MissOptions & {
  readonly generator: RecordGenerator
  readonly connections: number
  readonly signal: AbortSignal
  readonly clock: Clock
  say(text: string): void
}

async function measureSides(
  sides: readonly Side[],
  options: MeasureOptions,
): Promise<Pick<MissResult, 'sides' | 'offeredPerSecond' | 'latencies'>> {
  const { alternations, seconds, warmUp, say } = options
  const zipfian = sides.find(({ name }) => name === 'zipfian') as Side
  say(`filling the cache for ${warmUp} s …`)
  await burstOf(zipfian, { ...options, seconds: warmUp })
  const measured = await alternate({
    peers: sides.map(({ name, about, peer }) => ({ name, about, ...peer, stop: async () => undefined })),
    alternations,
    burst: ({ name }) => burstOf(sides.find((side) => side.name === name) as Side, { ...options, seconds }),
    progress: say,
  })
  const slowest = Math.min(...measured.map(({ requestsPerSecond }) => requestsPerSecond.median))
  const offeredPerSecond = options.rate > 0 ? options.rate : Math.max(1, Math.floor(slowest / 2))
  say(`latencies at ${offeredPerSecond} requests/s …`)
  const latencies = await latenciesOf(sides, { ...options, offeredPerSecond })
  return { sides: comparedWith(baseSide, measured), offeredPerSecond, latencies }
}

/** One burst of the closed loop, with paths drawn for it alone. */
async function burstOf(side: Side, options: MeasureOptions) {
  const { directory, generator, connections } = options
  const seconds = Math.round(options.seconds)
  const { script } = await writeBurst(
    directory,
    drawnPaths(side, { generator, count: seconds * requestsPerSecondMax }),
  )
  const burst = await chooseClosedLoop().run({ url: side.peer.url, script, connections, seconds })
  return side.expectsRefusal ? expectingRefusal(burst) : burst
}

function* drawnPaths(
  { workload }: Side,
  { generator, count }: { readonly generator: MeasureOptions['generator']; readonly count: number },
): Generator<string> {
  for (let left = count; left > 0; left--) {
    const operation = workload.next()
    if (operation !== undefined) yield askedPath(operation, generator)
  }
}

/** Every side once a round at the offered rate, each answer verified but those of the fixed body. */
async function latenciesOf(
  sides: readonly Side[],
  options: MeasureOptions & { readonly offeredPerSecond: number },
): Promise<readonly OfferedLatency[]> {
  const { alternations, offeredPerSecond: ratePerSecond, offeredSeconds: durationSeconds } = options
  const seen = sides.map((side) => ({
    side,
    p50: [] as number[],
    p99: [] as number[],
    hits: [] as number[],
    lost: 0,
  }))
  for (let round = 0; round < alternations && !options.signal.aborted; round++) {
    for (let turn = 0; turn < seen.length; turn++) {
      const each = seen[(round + turn) % seen.length] as (typeof seen)[number]
      const { side } = each
      const drive: DriveContext = { ...options, target: side.target, nodePid: side.peer.pids[0] ?? 0 }
      const countsWrong = side.name === baseSide
      const found = await driveOffered(drive, {
        workload: side.workload,
        ratePerSecond,
        durationSeconds,
        seed: round,
        countsWrong,
      })
      each.p50.push(found.p50Ns / 1e6)
      each.p99.push(found.p99Ns / 1e6)
      each.hits.push(found.hitRatio)
      each.lost += found.failed + found.dropped
      options.say(`${round + 1}/${alternations} ${side.name}: p99 ${(found.p99Ns / 1e6).toFixed(2)} ms`)
    }
  }
  return seen.map(({ side, p50, p99, hits, lost }) => ({
    name: side.name,
    p50Ms: spreadOf(p50),
    p99Ms: spreadOf(p99),
    notServed: lost,
    ...(side.name === baseSide ? {} : { hitRatio: spreadOf(hits).median }),
  }))
}
