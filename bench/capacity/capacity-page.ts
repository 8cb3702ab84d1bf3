import { formatNs, formatPerSecond, formatRatio } from '../report/format-units.ts'
import { rateChart } from '../report/html/line-charts.ts'
import { escapeHtml, renderList, renderTable } from '../report/html/markup.ts'
import { renderPage } from '../report/html/page.ts'
import { renderLegend, renderLineFigures } from '../report/html/phase-section.ts'
import type { Table } from '../report/report-tables.ts'
import { numberCell, textCell, wordCell } from '../report/report-tables.ts'
import type { CapacityResult, CurvePoint } from './capacity-result.ts'
import { capacityLine, capacityNotes, pointVerdict, sizingAdvice } from './formats.ts'
import type { Sizing } from './sizing.ts'

/** A capacity as one page that needs no network: latency against rate with knee and capacity, and every trial. */
export function capacityHtml(result: CapacityResult): string {
  const { environment, target, startedAt, command, sizing } = result
  const chart = rateChart(result)
  const title = `Capacity of ${target.url}`
  const main = `<header><h1>${escapeHtml(title)}</h1>
<p class="muted"><time datetime="${escapeHtml(startedAt)}">${escapeHtml(startedAt)}</time>; ${escapeHtml(environment.cpuModel)}, ${environment.logicalCores} cores, ${escapeHtml(environment.runtime)}, seed ${result.seed}</p>
<div class="notice ${result.capacityPerSecond === undefined ? 'alarm' : 'pass'}"><p><strong>${escapeHtml(capacityLine(result).replaceAll('**', ''))}</strong></p></div></header>
<section>${renderList(capacityNotes(result))}
${renderLineFigures([chart], 0)}
${renderTable(trialsTable(result))}</section>
${sizing === undefined ? '' : renderAdvice(sizing)}
<section><h2>How to repeat</h2><pre><code>${escapeHtml(command.join(' '))}</code></pre></section>
${renderLegend()}`
  return renderPage({
    title,
    main,
    data: { report: result, lines: [chart] },
    client: 'lines-client.js',
    bilingual: true,
  })
}

function renderAdvice(sizing: Sizing): string {
  const { heading, lines } = sizingAdvice(sizing)
  return `<section><h2>Sizing</h2><h3>${escapeHtml(heading)}</h3>${renderList(lines)}</section>`
}

function trialsTable({ curve, kneePerSecond }: CapacityResult): Table {
  const numeric = ['Offered', 'Achieved', 'p50', 'p99', 'p99.9', 'Failed']
  return {
    caption: 'Every valid trial',
    columns: [
      ...numeric.map((heading) => ({ heading, numeric: true })),
      { heading: 'Objective', numeric: false },
    ],
    rows: curve.map((point) => ({ cells: cellsOf(point, kneePerSecond), alarming: false })),
  }
}

function cellsOf(point: CurvePoint, knee: number | undefined) {
  const mark = point.offeredPerSecond === knee ? ' (knee)' : ''
  return [
    numberCell(point.offeredPerSecond, (value) => `${formatPerSecond(value)}${mark}`),
    numberCell(point.achievedPerSecond, formatPerSecond),
    numberCell(point.p50Ns, formatNs),
    numberCell(point.p99Ns, formatNs),
    numberCell(point.p999Ns, formatNs),
    numberCell(point.failedShare, formatRatio),
    point.met && point.mostlyHarness === undefined ? wordCell('met') : textCell(pointVerdict(point)),
  ]
}
