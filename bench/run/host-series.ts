import type { Clock } from '../../src/support/clock.ts'
import type { WorkerProgress } from '../driver/worker-plan.ts'
import { LatencyBuckets } from '../measure/latency-buckets.ts'
import { grownSince, machineCpuSeconds, machineGrownSince, ranOnCores } from '../measure/machine-usage.ts'
import { processUsage } from '../measure/process-usage.ts'
import type { HostPoint } from '../report/report.ts'
import type { Target } from '../target/target.ts'
import { TargetError } from '../target/target-error.ts'

/** What the last second of a phase was like, for whoever watches. */
export type LiveSecond = HostPoint & {
  readonly offeredPerSecond: number
  readonly answeredPerSecond: number
  readonly failed: number
  readonly p50Ns: number
  readonly p99Ns: number
}

export type HostSeriesOptions = {
  readonly target: Target
  readonly nodePid: number | undefined
  readonly clock: Clock
  /** Called with every second as it ends. */
  whenSecond?(second: LiveSecond): void
}

const everyMs = 1000
/** A node that needs longer to tell its counters, so many times in a row, is not asked again: asking must not cost what is measured. */
const statisticsMsMax = 20
const slowAnswersMax = 5

/** Looks at machine, generator and node once a second, from now until it is stopped. */
export class HostSeries {
  readonly #options: HostSeriesOptions
  readonly #points: HostPoint[] = []
  readonly #timer: NodeJS.Timeout
  readonly #startNs: number
  #last: Look
  #lastLookups: Lookups | undefined
  #slowAnswers = 0
  #progress: WorkerProgress | undefined
  #recent = new LatencyBuckets()
  #loopDelayNs = 0

  constructor(options: HostSeriesOptions) {
    this.#options = options
    this.#startNs = options.clock.nowNs()
    this.#last = this.#look()
    void this.#lookups().then((lookups) => {
      this.#lastLookups = lookups
    })
    this.#timer = setInterval(() => void this.#second(), everyMs)
  }

  /** Takes what the workers told since the last time. */
  progressed(progress: WorkerProgress): void {
    this.#progress = progress
    this.#recent.merge(progress.recent)
    this.#loopDelayNs = Math.max(this.#loopDelayNs, progress.loopDelayNs)
  }

  stop(): readonly HostPoint[] {
    clearInterval(this.#timer)
    return this.#points
  }

  async #second(): Promise<void> {
    const now = this.#look()
    const last = this.#last
    this.#last = now
    const seconds = (now.atNs - last.atNs) / 1e9
    const share = <Value>(
      later: Value | undefined,
      earlier: Value | undefined,
      grown: (a: Value, b: Value) => number,
    ) =>
      later === undefined || earlier === undefined ? undefined : Math.max(0, grown(earlier, later) / seconds)
    const machineCores = share(now.machineSeconds, last.machineSeconds, machineGrownSince)
    const nodeCores = share(now.nodeRan, last.nodeRan, grownSince)
    const live = this.#takeLive(last, now, seconds)
    const hitRatio = await this.#hitRatio()
    const point: HostPoint = {
      atSeconds: Math.max(0, Math.round((last.atNs - this.#startNs) / 1e9)),
      ...(machineCores === undefined ? {} : { machineCores }),
      ...(nodeCores === undefined ? {} : { nodeCores }),
      ...(now.nodeResidentBytes === undefined ? {} : { nodeResidentBytes: now.nodeResidentBytes }),
      generatorLoopDelayNs: live.loopDelayNs,
      ...(hitRatio === undefined ? {} : { hitRatio }),
    }
    this.#points.push(point)
    this.#options.whenSecond?.({ ...point, ...live })
  }

  #takeLive(last: Look, now: Look, seconds: number) {
    const recent = new LatencyBuckets(this.#recent.take())
    const loopDelayNs = this.#loopDelayNs
    this.#loopDelayNs = 0
    return {
      offeredPerSecond: (now.due - last.due) / seconds,
      answeredPerSecond: (now.answered - last.answered) / seconds,
      failed: this.#progress?.failed ?? 0,
      p50Ns: recent.percentileNs(0.5),
      p99Ns: recent.percentileNs(0.99),
      loopDelayNs,
    }
  }

  #look(): Look {
    const { nodePid, clock } = this.#options
    return {
      atNs: clock.nowNs(),
      machineSeconds: machineCpuSeconds(clock),
      nodeRan: nodePid === undefined ? undefined : ranOnCores(nodePid),
      nodeResidentBytes: nodePid === undefined ? undefined : processUsage(nodePid)?.residentBytes,
      due: this.#progress?.due ?? 0,
      answered: this.#progress?.answered ?? 0,
    }
  }

  async #hitRatio(): Promise<number | undefined> {
    const now = await this.#lookups()
    const last = this.#lastLookups
    this.#lastLookups = now
    if (now === undefined || last === undefined || now.all <= last.all) return undefined
    return Math.min(1, Math.max(0, (now.hits - last.hits) / (now.all - last.all)))
  }

  async #lookups(): Promise<Lookups | undefined> {
    if (this.#slowAnswers >= slowAnswersMax) return undefined
    const startedMs = performance.now()
    try {
      const counters = await this.#options.target.statistics(AbortSignal.timeout(everyMs))
      const slow = counters === undefined || performance.now() - startedMs > statisticsMsMax
      this.#slowAnswers = slow ? this.#slowAnswers + 1 : 0
      if (counters === undefined) return undefined
      const hits = (counters['cache.hits'] ?? 0) + (counters['cache.negativeHits'] ?? 0)
      return { hits, all: hits + (counters['cache.misses'] ?? 0) }
    } catch (error) {
      // A node that is down, or too busy to tell, is what is being measured.
      if (error instanceof TargetError) return undefined
      throw error
    }
  }
}

type Lookups = { readonly hits: number; readonly all: number }

type Look = {
  readonly atNs: number
  readonly machineSeconds: number | undefined
  readonly nodeRan: ReadonlyMap<string, number> | undefined
  readonly nodeResidentBytes: number | undefined
  readonly due: number
  readonly answered: number
}
