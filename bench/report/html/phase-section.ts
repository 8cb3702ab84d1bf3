import { isDriven } from '../driven-phase.ts'
import { legend } from '../legend.ts'
import type { Phase } from '../report.ts'
import { phaseFacts } from '../report-facts.ts'
import { operationsTable } from '../report-tables.ts'
import type { PhaseCharts } from './chart-data.ts'
import type { LineChart } from './line-charts.ts'
import { escapeHtml, renderFacts, renderList, renderTable } from './markup.ts'

/** One phase: whether it counts, its charts, its operations and what else is known of it. */
export function renderPhase(options: {
  readonly phase: Phase
  readonly charts: PhaseCharts | undefined
  readonly index: number
  /** Further charts of lines, and where they stand in the page's data. */
  readonly lines: readonly LineChart[]
  readonly linesFrom: number
}): string {
  const { phase, charts, index, lines, linesFrom } = options
  const headingId = `phase-${index}`
  return `<section aria-labelledby="${headingId}">
<h2 id="${headingId}">${escapeHtml(phase.name)} <small>${escapeHtml(phase.kind)}</small></h2>
${renderInvalidity(phase)}
${charts === undefined ? '' : renderCharts(charts, index)}
${renderLineFigures(lines, linesFrom)}
${isDriven(phase) ? renderTable(operationsTable(phase)) : ''}
${isDriven(phase) ? renderExamples('First wrong answers', phase.wrongExamples) : ''}
${isDriven(phase) ? renderExamples('First failures', phase.errorExamples) : ''}
${renderFacts(phaseFacts(phase))}
</section>`
}

function renderInvalidity(phase: Phase): string {
  if (phase.valid) return ''
  return `<div class="notice alarm"><p><strong>Invalid: these numbers must not be quoted.</strong></p>
${renderList(phase.invalidBecause)}</div>`
}

function renderExamples(heading: string, texts: readonly string[]): string {
  if (texts.length === 0) return ''
  return `<h3>${escapeHtml(heading)}</h3><pre class="alarm">${escapeHtml(texts.join('\n'))}</pre>`
}

function renderCharts(charts: PhaseCharts, index: number): string {
  const unit = charts.kind === 'load' ? 'records' : 'requests'
  const latency = charts.kind === 'load' ? 'Service time of batches' : 'Latency'
  const figures: string[] = []
  if (charts.timeline !== undefined) {
    figures.push(
      figure({ chart: 'throughput', index, title: `Throughput, ${unit} per second`, phase: charts.name }),
      figure({ chart: 'durations', index, title: `${latency}, second by second`, phase: charts.name }),
    )
  }
  if (charts.curves.length > 0) {
    figures.push(
      figure({ chart: 'percentiles', index, title: `${latency} by percentile`, phase: charts.name }),
    )
  }
  if (charts.heat !== undefined) figures.push(heatFigure(`${latency}, how many answers took how long`, index))
  return `<div class="charts">${figures.join('\n')}</div>`
}

/** Figures that the page's script fills, for charts that stand one after another in its data. */
export function renderLineFigures(charts: readonly LineChart[], from: number): string {
  if (charts.length === 0) return ''
  const figures = charts.map(
    ({ title }, index) => `<figure data-lines="${from + index}"><figcaption>${escapeHtml(title)}</figcaption>
<div class="plot" role="img" aria-label="${escapeHtml(title)}"></div></figure>`,
  )
  return `<div class="charts small">${figures.join('\n')}</div>`
}

function heatFigure(title: string, index: number): string {
  return `<figure class="wide" data-heat="${index}"><figcaption>${escapeHtml(title)}</figcaption>
<div class="plot" role="img" aria-label="${escapeHtml(title)}"></div></figure>`
}

function figure(options: {
  readonly chart: 'throughput' | 'durations' | 'percentiles'
  readonly index: number
  readonly title: string
  readonly phase: string
}): string {
  const { chart, index, title, phase } = options
  return `<figure data-chart="${chart}" data-phase="${index}"><figcaption>${escapeHtml(title)}</figcaption>
<div class="plot" role="img" aria-label="${escapeHtml(`${title}, ${phase}`)}"></div></figure>`
}

/** What every word of a report's page means. */
export function renderLegend(): string {
  return renderDefinitions(legend)
}

/** Words with what each of them means. */
export function renderDefinitions(
  words: readonly { readonly term: string; readonly definition: string }[],
): string {
  const items = words.map(
    ({ term, definition }) => `<div><dt>${escapeHtml(term)}</dt><dd>${escapeHtml(definition)}</dd></div>`,
  )
  return `<section aria-labelledby="legend"><h2 id="legend">What the words mean</h2>
<dl class="legend">${items.join('\n')}</dl></section>`
}
