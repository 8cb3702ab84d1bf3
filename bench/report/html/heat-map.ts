import { LatencyHistogram } from '../../measure/latency-histogram.ts'
import type { TimelinePoint } from '../report.ts'

/** How many answers took how long in which second: a column for each second or group of them, a row for each bucket. */
export type HeatMap = {
  readonly atSeconds: readonly number[]
  readonly secondsPerColumn: number
  /** Bucket `i` is what took more than `boundsNs[i]` and at most `boundsNs[i + 1]`. */
  readonly boundsNs: readonly number[]
  /** By column, then by bucket. */
  readonly counts: readonly (readonly number[])[]
}

const columnsMax = 300
const bucketsPerDoubling = 2

/** The heat map of a timeline; undefined where its seconds hold no histograms, as those of older reports do not. */
export function heatMapOf(timeline: readonly TimelinePoint[]): HeatMap | undefined {
  if (!timeline.some(({ encoded }) => encoded !== undefined)) return undefined
  const secondsPerColumn = Math.ceil(timeline.length / columnsMax)
  const groups = Map.groupBy(timeline, (_, index) => Math.floor(index / secondsPerColumn))
  const columns = [...groups.values()].map((group) => {
    const histogram = new LatencyHistogram({ significantDigits: 2 })
    for (const { encoded } of group)
      if (encoded !== undefined) histogram.merge(LatencyHistogram.fromEncoded(encoded))
    return { atSeconds: group[0]?.atSeconds ?? 0, histogram }
  })
  const filled = columns.filter(({ histogram }) => histogram.count > 0)
  const shortest = Math.min(...filled.map(({ histogram }) => histogram.percentileNs(0)))
  const longest = Math.max(...filled.map(({ histogram }) => histogram.maxNs))
  const boundsNs = boundsAround(Math.max(1, shortest), longest)
  return {
    atSeconds: columns.map(({ atSeconds }) => atSeconds),
    secondsPerColumn,
    boundsNs,
    counts: columns.map(({ histogram }) => histogram.countsBetween(boundsNs)),
  }
}

function boundsAround(lowest: number, highest: number): number[] {
  const first = Math.ceil(Math.log2(lowest) * bucketsPerDoubling) - 1
  const last = Math.max(first + 1, Math.ceil(Math.log2(highest) * bucketsPerDoubling))
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Math.round(2 ** ((first + index) / bucketsPerDoubling)),
  )
}
