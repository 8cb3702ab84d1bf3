import { decodeFromCompressedBase64, HistogramLogWriter } from 'hdr-histogram-js'
import type { Histogram, Phase, Report } from './report.ts'

/**
 * The report as an HdrHistogram log (format 1.3), in nanoseconds: an interval a second for each open-loop phase, tagged with
 * its name, and the whole phase for each operation and outcome. What reads such logs: HdrHistogram's own tools and plotters.
 */
export function formatHlog(report: Report): string {
  const lines: string[] = []
  const writer = new HistogramLogWriter((text) => lines.push(text))
  const beginMs = Date.parse(report.startedAt)
  writer.outputLogFormatVersion()
  writer.outputComment(
    `[erji-bench ${report.environment.harnessVersion}, ${report.target.url}, durations in ns]`,
  )
  writer.outputStartTime(beginMs)
  writer.outputLegend()
  const interval = (tag: string, encoded: string, fromSeconds: number, seconds: number): void => {
    const histogram = decodeFromCompressedBase64(encoded, 32)
    histogram.tag = tagOf(tag)
    writer.outputIntervalHistogram(histogram, fromSeconds, fromSeconds + seconds, 1)
  }
  for (const phase of report.phases) {
    const fromSeconds = (Date.parse(phase.startedAt) - beginMs) / 1000
    for (const { tag, histogram } of histogramsOf(phase)) {
      interval(tag, histogram.encoded, fromSeconds, phase.durationSeconds)
    }
    if (phase.kind === 'ceiling') continue
    for (const { atSeconds, encoded } of phase.timeline) {
      if (encoded !== undefined) interval(`${phase.name} seconds`, encoded, fromSeconds + atSeconds, 1)
    }
  }
  // The library ends its start time with an empty line, at which other readers stop.
  return lines.join('').replace(/\n{2,}/g, '\n')
}

function histogramsOf(phase: Phase): { readonly tag: string; readonly histogram: Histogram }[] {
  switch (phase.kind) {
    case 'load':
      return [{ tag: `${phase.name} batch service-time`, histogram: phase.batchServiceTime }]
    case 'open-loop':
    case 'closed-loop':
      return phase.operations.flatMap(({ operation, outcome, latency, serviceTime }) => [
        { tag: `${phase.name} ${operation} ${outcome} latency`, histogram: latency },
        { tag: `${phase.name} ${operation} ${outcome} service-time`, histogram: serviceTime },
      ])
    case 'ceiling':
      return []
  }
}

/** A tag ends at a comma or a space. */
function tagOf(text: string): string {
  return text.replace(/[\s,=]+/g, '_')
}
