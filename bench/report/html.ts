import { formatSeconds } from './format-units.ts'
import { chartsOf } from './html/chart-data.ts'
import { hostCharts, overviewChart, phaseRateChart } from './html/line-charts.ts'
import { escapeHtml, renderFacts, renderList, renderTable } from './html/markup.ts'
import { renderPage } from './html/page.ts'
import { renderLegend, renderLineFigures, renderPhase } from './html/phase-section.ts'
import type { Report } from './report.ts'
import {
  configurationFacts,
  environmentFacts,
  type Fact,
  repeatCommand,
  targetFacts,
  trustFacts,
  verdictSentence,
} from './report-facts.ts'
import { phasesTable } from './report-tables.ts'

/** The report as one page: the whole report and the points of its charts are inside. */
export function formatHtml(report: Report): string {
  const title = `Benchmark of ${report.target.url}`
  const charts = report.phases.map(chartsOf)
  const overview = [overviewChart(report), phaseRateChart(report)].filter((chart) => chart !== undefined)
  const hosts = report.phases.map(hostCharts)
  const lines = [...overview, ...hosts.flat()]
  const linesFrom = (index: number): number => overview.length + hosts.slice(0, index).flat().length
  const main = `${renderHeader(report, title)}
<section aria-label="Summary">${renderTable(phasesTable(report))}
${renderLineFigures(overview, 0)}</section>
<noscript><p class="notice">The charts need JavaScript; the tables hold every number without it.</p></noscript>
${report.phases.map((phase, index) => renderPhase({ phase, charts: charts[index], index, lines: hosts[index] ?? [], linesFrom: linesFrom(index) })).join('\n')}
${renderBackground(report)}
${renderLegend()}`
  const data = { report, charts: charts.map((chart) => chart ?? null), lines }
  return renderPage({
    title,
    main,
    data,
    client: ['client.js', 'heat-client.js', 'lines-client.js'],
    bilingual: true,
  })
}

function renderHeader(report: Report, title: string): string {
  const { verdict, startedAt, finishedAt, environment } = report
  const took = formatSeconds((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000)
  const tone = verdict.passed ? 'pass' : 'alarm'
  return `<header>
<h1>${escapeHtml(title)}</h1>
<p class="muted"><time datetime="${escapeHtml(startedAt)}">${escapeHtml(showInstant(startedAt))}</time>, took ${took}; ${escapeHtml(environment.cpuModel)}, ${environment.logicalCores} cores, ${escapeHtml(environment.runtime)}</p>
<div class="notice ${tone}" id="verdict"><p><strong>${escapeHtml(verdictSentence(report))}</strong></p>
${verdict.reasons.length === 0 ? '' : renderList(verdict.reasons)}</div>
</header>`
}

function renderBackground(report: Report): string {
  return `<section aria-labelledby="background"><h2 id="background">What was measured, and where</h2>
${renderFactGroup('Target', targetFacts(report))}
${renderFactGroup('Environment', [...environmentFacts(report), ...trustFacts(report)])}
${renderFactGroup('Configuration', configurationFacts(report))}
<h3>How to repeat</h3>
<pre><code>${escapeHtml(repeatCommand(report))}</code></pre>
</section>`
}

function renderFactGroup(heading: string, facts: readonly Fact[]): string {
  return `<h3>${escapeHtml(heading)}</h3>${renderFacts(facts)}`
}

/** `2026-03-02 09:30:00 UTC` */
function showInstant(instant: string): string {
  return `${instant.replace('T', ' ').replace(/\.\d+/, '').replace(/Z$/, '')} UTC`
}
