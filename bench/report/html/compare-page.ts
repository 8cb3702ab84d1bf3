import { isDriven } from '../driven-phase.ts'
import { formatNs, formatPerSecond } from '../format-units.ts'
import { totalsOf } from '../phase-totals.ts'
import type { DrivenPhase, Report } from '../report.ts'
import { type Cell, numberCell, type Table, textCell, validCell, wordCell } from '../report-tables.ts'
import type { LineChart } from './line-charts.ts'
import { escapeHtml, renderTable } from './markup.ts'
import { renderPage } from './page.ts'
import { renderLegend, renderLineFigures } from './phase-section.ts'

/** A run among those that are compared, by the name of its file. */
export type NamedReport = { readonly name: string; readonly report: Report }

/** Several runs side by side on one page: their phases in a table, each against the first run, and all curves in one chart. */
export function compareHtml(runs: readonly NamedReport[]): string {
  const names = phaseNames(runs)
  const charts = names.map((name) => curvesOf(name, runs))
  const title = `Comparison of ${runs.length} runs`
  const sections = names.map(
    (name, index) => `<section><h2>${escapeHtml(name)}</h2>
${renderTable(phaseTable(name, runs))}
${renderLineFigures(charts.slice(index, index + 1), index)}</section>`,
  )
  const main = `<header><h1>${escapeHtml(title)}</h1>
<p class="muted">Ratios are of each run to the first. Two runs are two moments of a machine: a gate measures both by turns.</p></header>
<section>${renderTable(runsTable(runs))}</section>
${sections.join('\n')}
${renderLegend()}`
  return renderPage({ title, main, data: { lines: charts }, client: 'lines-client.js', bilingual: true })
}

function phaseNames(runs: readonly NamedReport[]): string[] {
  const names = runs.flatMap(({ report }) => openLoops(report).map(({ name }) => name))
  return [...new Set(names)]
}

function openLoops({ phases }: Report): DrivenPhase[] {
  return phases.filter((phase) => isDriven(phase))
}

function runsTable(runs: readonly NamedReport[]): Table {
  return {
    caption: 'Runs',
    columns: ['Run', 'Started', 'Target', 'Commit', 'Processor', 'Verdict'].map((heading) => ({
      heading,
      numeric: false,
    })),
    rows: runs.map(({ name, report }) => ({
      cells: [
        textCell(name),
        textCell(report.startedAt),
        textCell([report.target.url, report.target.durability ?? ''].join(' ').trim()),
        textCell(report.environment.commit?.slice(0, 12) ?? '-'),
        textCell(`${report.environment.cpuModel}, ${report.environment.logicalCores} cores`),
        wordCell(report.verdict.passed ? 'passed' : 'FAILED'),
      ],
      alarming: !report.verdict.passed,
    })),
  }
}

function phaseTable(name: string, runs: readonly NamedReport[]): Table {
  const rows = runs.flatMap(({ name: run, report }) => {
    const phase = openLoops(report).find((one) => one.name === name)
    return phase === undefined ? [] : [{ run, phase, figures: figuresOf(phase) }]
  })
  const first = rows[0]?.figures
  return {
    caption: `Operations of ${name}`,
    columns: [
      { heading: 'Run', numeric: false },
      { heading: 'Valid', numeric: false },
      ...Object.keys(figureFormats).map((heading) => ({ heading, numeric: true })),
    ],
    rows: rows.map(({ run, phase, figures }, index) => ({
      cells: [
        textCell(run),
        validCell(phase),
        ...figureNames.map((figure): Cell => {
          const value = figures[figure]
          const base = first?.[figure] ?? 0
          const against = index === 0 || base === 0 ? '' : ` (× ${(value / base).toFixed(3)})`
          return numberCell(value, (amount) => `${figureFormats[figure](amount)}${against}`)
        }),
      ],
      alarming: !phase.valid,
    })),
  }
}

const figureFormats = {
  Offered: formatPerSecond,
  Achieved: formatPerSecond,
  p50: formatNs,
  p99: formatNs,
  'p99.9': formatNs,
  Max: formatNs,
} as const
type FigureName = keyof typeof figureFormats
const figureNames = Object.keys(figureFormats) as readonly FigureName[]

function figuresOf(phase: DrivenPhase): Record<FigureName, number> {
  const { latency } = totalsOf(phase)
  return {
    Offered: phase.offeredPerSecond,
    Achieved: phase.achievedPerSecond,
    p50: latency.percentileNs(0.5),
    p99: latency.percentileNs(0.99),
    'p99.9': latency.percentileNs(0.999),
    Max: latency.maxNs,
  }
}

const decades = 6
const pointsPerDecade = 10

/** Latency over 1 / (1 − share) of every run that has the phase, as far as it has samples for it. */
function curvesOf(name: string, runs: readonly NamedReport[]): LineChart {
  const ranks = Array.from({ length: decades * pointsPerDecade + 1 }, (_, index) =>
    Number((10 ** (index / pointsPerDecade)).toPrecision(6)),
  )
  const series = runs.flatMap(({ name: run, report }) => {
    const phase = openLoops(report).find((one) => one.name === name)
    if (phase === undefined) return []
    const { latency } = totalsOf(phase)
    return [
      {
        label: run,
        values: ranks.map((rank) => (rank > latency.count ? null : latency.percentileNs(1 - 1 / rank))),
      },
    ]
  })
  const reached = ranks.filter((_, index) => series.some(({ values }) => values[index] !== null)).length
  return {
    title: 'Latency by percentile, all runs',
    x: ranks.slice(0, reached),
    xLabel: 'percentile',
    xUnit: 'percentile',
    yUnit: 'ns',
    logarithmic: true,
    series: series.map(({ label, values }) => ({ label, values: values.slice(0, reached) })),
    marks: [],
  }
}
