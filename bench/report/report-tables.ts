import type { LatencyHistogram } from '../measure/latency-histogram.ts'
import { formatCount, formatNs, formatPerSecond, formatRatio, formatSeconds } from './format-units.ts'
import { totalsOf } from './phase-totals.ts'
import type { CeilingPhase, DrivenPhase, Histogram, LoadPhase, Phase, Report } from './report.ts'

/** A value as it is shown, the number behind it where there is one, and whether it is a word of ours that a page translates. */
export type Cell = { readonly text: string; readonly value?: number; readonly isWord?: boolean }

export type Column = { readonly heading: string; readonly numeric: boolean }

/** A table as every format shows it; an alarming row is one that a reader must not overlook. */
export type Table = {
  readonly caption: string
  readonly columns: readonly Column[]
  readonly rows: readonly { readonly cells: readonly Cell[]; readonly alarming: boolean }[]
}

/** One line a phase: what was asked, what was reached, and whether it counts. */
export function phasesTable(report: Report): Table {
  return {
    caption: 'Phases',
    columns: columnsOf(
      ['Phase', 'Kind', 'Valid'],
      [
        'Duration',
        'Offered',
        'Achieved',
        'p50',
        'p99',
        'p99.9',
        'Max',
        'Dropped',
        'Failed',
        'Wrong',
        'Hit ratio',
      ],
    ),
    rows: report.phases.map((phase) => {
      const { cells, wrong } = phaseNumbers(phase)
      const duration = numberCell(phase.durationSeconds, formatSeconds)
      return {
        cells: [textCell(phase.name), textCell(phase.kind), validCell(phase), duration, ...cells],
        alarming: !phase.valid || wrong > 0,
      }
    }),
  }
}

/** Latency and service time of each operation by outcome. */
export function operationsTable(phase: DrivenPhase): Table {
  return {
    caption: `Operations of ${phase.name}`,
    columns: columnsOf(
      ['Operation', 'Outcome'],
      ['Count', ...durationHeadings('Latency'), ...durationHeadings('Service')],
    ),
    rows: phase.operations.map(({ operation, outcome, count, latency, serviceTime }) => ({
      cells: [
        textCell(operation),
        textCell(outcome),
        numberCell(count, formatCount),
        ...durationCells(latency),
        ...durationCells(serviceTime),
      ],
      alarming: outcome === 'wrong',
    })),
  }
}

export function numberCell(value: number, format: (value: number) => string): Cell {
  return { text: format(value), value }
}

/** Whether a phase counts. */
export function validCell({ valid }: Pick<Phase, 'valid'>): Cell {
  return wordCell(valid ? 'yes' : 'NO')
}

export function wordCell(text: string): Cell {
  return { text, isWord: true }
}

export function textCell(text: string): Cell {
  return { text }
}

const absent: Cell = textCell('-')

type PhaseNumbers = { readonly cells: readonly Cell[]; readonly wrong: number }

function phaseNumbers(phase: Phase): PhaseNumbers {
  switch (phase.kind) {
    case 'load':
      return loadNumbers(phase)
    case 'open-loop':
    case 'closed-loop':
      return openLoopNumbers(phase)
    case 'ceiling':
      return ceilingNumbers(phase)
  }
}

function loadNumbers(phase: LoadPhase): PhaseNumbers {
  const cells = [
    absent,
    numberCell(phase.registeredPerSecond, formatPerSecond),
    ...durationCells(phase.batchServiceTime),
    absent,
    numberCell(phase.failed, formatCount),
    numberCell(phase.sampledWrong, formatCount),
    absent,
  ]
  return { cells, wrong: phase.sampledWrong }
}

function openLoopNumbers(phase: DrivenPhase): PhaseNumbers {
  const totals = totalsOf(phase)
  const cells = [
    numberCell(phase.offeredPerSecond, formatPerSecond),
    numberCell(phase.achievedPerSecond, formatPerSecond),
    ...durationCells(summaryOf(totals.latency)),
    numberCell(phase.dropped, formatCount),
    numberCell(totals.failed, formatCount),
    numberCell(totals.wrong, formatCount),
    phase.cache === undefined ? absent : numberCell(phase.cache.hitRatio, formatRatio),
  ]
  return { cells, wrong: totals.wrong }
}

function ceilingNumbers(phase: CeilingPhase): PhaseNumbers {
  const { p50, p99, max } = phase.latencyMs
  const milliseconds = (value: number) => numberCell(value * 1e6, formatNs)
  const cells = [
    absent,
    numberCell(phase.requestsPerSecond, formatPerSecond),
    milliseconds(p50),
    milliseconds(p99),
    absent,
    milliseconds(max),
    absent,
    numberCell(phase.errors, formatCount),
    absent,
    absent,
  ]
  return { cells, wrong: 0 }
}

type Durations = Pick<Histogram, 'p50Ns' | 'p99Ns' | 'p999Ns' | 'maxNs'>

function summaryOf(histogram: LatencyHistogram): Durations {
  return {
    p50Ns: histogram.percentileNs(0.5),
    p99Ns: histogram.percentileNs(0.99),
    p999Ns: histogram.percentileNs(0.999),
    maxNs: histogram.maxNs,
  }
}

function durationHeadings(kind: string): string[] {
  return ['p50', 'p99', 'p99.9', 'max'].map((percentile) => `${kind} ${percentile}`)
}

function durationCells({ p50Ns, p99Ns, p999Ns, maxNs }: Durations): Cell[] {
  return [p50Ns, p99Ns, p999Ns, maxNs].map((ns) => numberCell(ns, formatNs))
}

function columnsOf(texts: readonly string[], numbers: readonly string[]): Column[] {
  return [
    ...texts.map((heading) => ({ heading, numeric: false })),
    ...numbers.map((heading) => ({ heading, numeric: true })),
  ]
}
