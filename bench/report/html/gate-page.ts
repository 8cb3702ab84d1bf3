import { amount, change, explanation, nameOf } from '../../gate/formats.ts'
import type { GateResult, MetricResult } from '../../gate/gate-result.ts'
import { metrics } from '../../gate/metric.ts'
import { gateLegend } from '../legend.ts'
import { type Table, textCell, wordCell } from '../report-tables.ts'
import { escapeHtml, renderList, renderTable } from './markup.ts'
import { renderPage } from './page.ts'
import { renderDefinitions } from './phase-section.ts'

/** A gate as one page that needs no network: its verdict, every metric with its interval, and what the words mean. */
export function gateHtml(name: string, result: GateResult): string {
  const { environment, startedAt, seed, verdict, reasons } = result
  const title = `Gate ${name}`
  const words = [
    ...Object.entries(metrics).map(([term, { meaning }]) => ({ term, definition: meaning })),
    ...gateLegend,
  ]
  const main = `<header><h1>${escapeHtml(title)}</h1>
<p class="muted"><time datetime="${escapeHtml(startedAt)}">${escapeHtml(startedAt)}</time>; ${escapeHtml(environment.cpuModel)}, ${environment.logicalCores} cores, ${escapeHtml(environment.runtime)}, seed ${seed}</p>
<div class="notice ${verdict === 'passed' ? 'pass' : 'alarm'}"><p><strong>${escapeHtml(verdict)}</strong></p>
<p>${escapeHtml(explanation(result))}</p>
${reasons.length === 0 ? '' : renderList(reasons)}</div></header>
<section>${renderTable(metricsTable(result))}</section>
${renderDefinitions(words)}`
  return renderPage({ title, main, data: {}, client: [], bilingual: true })
}

function metricsTable({ results }: GateResult): Table {
  return {
    caption: 'Metrics of the gate',
    columns: [
      { heading: 'Metric', numeric: false },
      ...['Baseline', 'Candidate', 'Candidate / baseline'].map((heading) => ({ heading, numeric: true })),
      { heading: 'Verdict', numeric: false },
    ],
    rows: results.map((row) => ({
      cells: [
        textCell(nameOf(row)),
        textCell(amount(row, row.baseline)),
        textCell(amount(row, row.candidate)),
        wordCell(change(row)),
        wordCell(verdictOf(row)),
      ],
      alarming: row.gating && row.verdict === 'regressed',
    })),
  }
}

function verdictOf({ verdict, gating }: MetricResult): string {
  return gating ? verdict : `${verdict} (not gating)`
}
