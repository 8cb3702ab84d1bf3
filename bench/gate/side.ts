import { createPrng, deriveSeed, type Prng } from '../../src/support/prng.ts'
import type { Progress } from '../cli/progress.ts'
import type { Turns } from '../driver/schedules/taking-turns.ts'
import { LatencyHistogram } from '../measure/latency-histogram.ts'
import { grownSince, ranOnCores } from '../measure/machine-usage.ts'
import type { DrivenPhase } from '../report/report.ts'
import { measureOpenLoop } from '../run/open-loop-phase.ts'
import type { Session } from '../run/session.ts'
import { drawnAnew, inFlightDefault } from '../run/steps.ts'
import { handlePath } from '../target/handle-path.ts'
import { registrationBases } from '../workload/ordinals.ts'
import type { PresetName } from '../workload/presets/index.ts'
import { ClosedLoop } from './closed-burst.ts'
import type { Repetition } from './evaluate.ts'
import { type Burst, leastDisturbed } from './least-disturbed.ts'
import type { Measurement } from './metric.ts'
import type { Sides } from './run-gate.ts'

export type SideOptions = {
  readonly preset: PresetName
  readonly identifiers: number
  readonly ratePerSecond: number
  readonly sliceSeconds: number
  readonly connections: number
  readonly timeoutSeconds: number
}

/** What a gate run cannot go on with: wrong answers, or a generator that did not keep up. */
export class GateInvalidError extends Error {
  override readonly name = 'GateInvalidError'
}

export type SideNode = {
  readonly name: string
  /** How it is reached at present. */
  readonly session: Session
  /** A new process of the same node over the same records, where it can be had. */
  renew(): Promise<void>
}

// Long enough for a thousand answers, short enough that what the machine does to one side it soon does to the other.
const burstSeconds = 0.025
/** Half a period of the two open loops: some two hundred requests at the default rate. */
const openLoopTurnSeconds = 0.1
/** Turns for each second of an open-loop measurement; the first ones open connections and warm up. */
const turnsPerSecond = 24
const turnsMin = 12
const turnsUncounted = 4

/**
 * Two loaded nodes as the sides of a gate. The open loops of both take turns of a tenth of a second, at the same low rate, and
 * the closed loops in bursts of a fortieth of a second: what the machine does to one it does to the other. Two processes of one
 * program differ by some percent for as long as they live (memory layout, what was compiled when), so each pair is of
 * new processes where they can be had, warmed up before anything counts: caches and compilers are cold.
 */
export function nodeSides(nodes: BySide<SideNode>, options: SideOptions): Sides {
  const order = createPrng(deriveSeed(nodes.baseline.session.seed, 77))
  const bothAtOnce = <Result>(act: (node: SideNode) => Promise<Result>): Promise<BySide<Result>> =>
    inDrawnOrder(nodes, act, order)
  const measure = async (signal: AbortSignal): Promise<Repetition> => {
    const start = startTogether()
    const first = order.nextDouble() < 0.5 ? nodes.baseline : nodes.candidate
    const slices = await bothAtOnce(async (node) => {
      const turns = { isFirst: node === first, seconds: openLoopTurnSeconds }
      const slice = openLoopSlice(node.name, { ...node.session, signal }, { ...options, turns, start })
      return metricsOf(await slice.finally(start.waitNoLonger))
    })
    if (signal.aborted) return { baseline: {}, candidate: {} }
    const bursts = await takeTurns(nodes, { ...options, order, signal })
    return {
      baseline: { ...slices.baseline, ...bursts.baseline },
      candidate: { ...slices.candidate, ...bursts.candidate },
    }
  }
  return {
    async measurePair(signal): Promise<Repetition> {
      await bothAtOnce((node) => node.renew())
      return measure(signal)
    },
  }
}

/** Both sides begin to measure when both are warm, or when there is nothing left to wait for. */
type Start = { ready(): Promise<void>; waitNoLonger(): void }

function startTogether(): Start {
  const { promise, resolve } = Promise.withResolvers<void>()
  let left = 2
  return {
    ready() {
      left -= 1
      if (left === 0) resolve()
      return promise
    },
    waitNoLonger: resolve,
  }
}

/** One of each side. */
export type BySide<Result> = { readonly baseline: Result; readonly candidate: Result }

/**
 * The same done to both sides at once, in an order drawn anew each time: being first decides on which core a process settles, and
 * what is always so for one side looks like a difference between the two.
 */
export async function inDrawnOrder<Node, Result>(
  sides: BySide<Node>,
  act: (node: Node) => Promise<Result>,
  order: Prng,
): Promise<BySide<Result>> {
  if (order.nextDouble() < 0.5) {
    const [baseline, candidate] = await Promise.all([act(sides.baseline), act(sides.candidate)])
    return { baseline, candidate }
  }
  const [candidate, baseline] = await Promise.all([act(sides.candidate), act(sides.baseline)])
  return { baseline, candidate }
}

type BurstOptions = SideOptions & { readonly order: Prng; readonly signal: AbortSignal }

/** Bursts of closed loop by turns, in an order drawn anew for each; nothing where a server does not keep connections open. */
async function takeTurns(nodes: BySide<SideNode>, options: BurstOptions): Promise<Repetition> {
  const nothing: Repetition = { baseline: {}, candidate: {} }
  if (![nodes.baseline, nodes.candidate].every(({ session }) => session.url.startsWith('http:')))
    return nothing
  const { baseline, candidate } = await inDrawnOrder(
    nodes,
    (node) => openBursts(node, options),
    options.order,
  )
  try {
    const turns = turnsUncounted + Math.max(turnsMin, Math.round(options.sliceSeconds * turnsPerSecond))
    for (let turn = 0; turn < turns && !options.signal.aborted; turn++) {
      const both = options.order.nextDouble() < 0.5 ? [baseline, candidate] : [candidate, baseline]
      for (const bursts of both) if (!(await bursts.take({ counted: turn >= turnsUncounted }))) return nothing
    }
    return { baseline: baseline.measurement(), candidate: candidate.measurement() }
  } finally {
    baseline.close()
    candidate.close()
  }
}

async function openBursts({ session }: SideNode, { connections }: SideOptions) {
  const { url, generator, target, signal } = session
  const { pid } = await target.describe(signal)
  const loop = new ClosedLoop({ url, path: handlePath(generator.handleOf(0)), connections })
  const bursts: Burst[] = []
  return {
    /** Whether it went as it should. */
    async take({ counted }: { readonly counted: boolean }): Promise<boolean> {
      const before = pid === undefined ? undefined : ranOnCores(pid)
      const { answers, seconds } = await loop.burst(burstSeconds)
      const after = pid === undefined ? undefined : ranOnCores(pid)
      if (counted) {
        const cpuSeconds = before === undefined || after === undefined ? undefined : grownSince(before, after)
        bursts.push({ answers, seconds, cpuSeconds })
      }
      return loop.failure === undefined
    },
    measurement: () => leastDisturbed(bursts),
    close: () => loop.close(),
  }
}

/** The metrics that one open-loop phase yields. */
export function metricsOf(phase: DrivenPhase): Measurement {
  const resolutions = phase.operations.filter(
    ({ operation, outcome }) => operation.startsWith('resolve') && outcome === 'ok',
  )
  const latency = new LatencyHistogram()
  for (const operation of resolutions) latency.merge(LatencyHistogram.fromHistogram(operation.latency))
  const answered = phase.operations.reduce((total, { count }) => total + count, 0)
  const { nodeCpuSeconds } = phase
  return {
    ...(latency.count === 0
      ? {}
      : { p50: latency.percentileNs(0.5) / 1e3, p99: latency.percentileNs(0.99) / 1e3 }),
    ...(nodeCpuSeconds === undefined || answered === 0 || nodeCpuSeconds === 0
      ? {}
      : { cpu: (nodeCpuSeconds * 1e6) / answered }),
  }
}

/** A node that was just started answers its first thousands of requests while it compiles. */
const warmUpSeconds = 1.5
const silent: Progress = { update: () => undefined, stop: () => undefined }

async function openLoopSlice(
  name: string,
  session: Session,
  options: SideOptions & { readonly turns: Turns; readonly start: Start },
): Promise<DrivenPhase> {
  const { url, credentials, records, seed, insecure } = session
  const { preset, identifiers, ratePerSecond, sliceSeconds } = options
  // What an earlier slice registered on this node is still there.
  const [registrationBase = 0] = registrationBases(session.clock, { phases: 1, phaseSeconds: sliceSeconds })
  const { phase, wrong } = await measureOpenLoop(
    {
      name: `slice of ${name}`,
      workloadName: preset,
      workload: drawnAnew({ kind: 'mix', preset, identifiers, registrationBase }, session),
      schedule: 'poisson',
      profile: 'flat',
      turns: options.turns,
      ratePerSecond,
      durationSeconds: sliceSeconds,
      warmUpSeconds,
      workers: 1,
      target: {
        name: 'handle-http',
        url,
        connections: options.connections,
        timeoutSeconds: options.timeoutSeconds,
        insecure,
        ...(credentials === undefined ? {} : { credentials }),
      },
      records,
      seed,
      inFlightMax: inFlightDefault,
    },
    { ...session, progress: silent, whenMeasuring: options.start.ready },
  )
  if (wrong > 0) {
    throw new GateInvalidError(`${name} gave ${wrong} wrong answers, such as: ${phase.wrongExamples[0]}`)
  }
  if (phase.sent === 0 && !session.signal.aborted) {
    throw new GateInvalidError(`${name} could not be asked at ${ratePerSecond}/s: every arrival was dropped`)
  }
  return phase
}
