import { formatBytes, formatCount, formatSeconds } from '../report/format-units.ts'
import { escapeHtml, renderFacts, renderTable } from '../report/html/markup.ts'
import { renderPage } from '../report/html/page.ts'
import type { Fact } from '../report/report-facts.ts'
import { missesTable, rankingTable } from './report-tables.ts'
import { seedTable } from './seed-intervals.ts'
import type { SimulatedTrace, SimulationReport } from './simulation-report.ts'

/** Miss ratios over cache sizes, as the page's script draws them. */
export type CurveChart = {
  readonly title: string
  /** Ascending, of any unit. */
  readonly sizes: readonly number[]
  readonly unit: string
  /** Whether `sizes` are moments, equally far apart, instead. */
  readonly overTime?: boolean
  readonly series: readonly { readonly label: string; readonly missRatios: readonly (number | null)[] }[]
}

/** A result as one page that needs no network: curves, tables, ranking and manifest. */
export function simulationHtml(report: SimulationReport): string {
  const { environment, startedAt, seconds } = report
  const title = `Simulated miss ratios of ${report.traces.map(({ file }) => file).join(', ')}`
  const charts = report.traces.flatMap((trace) => [
    ...chartsOf(trace, report),
    ...timeSeriesOf(trace, report),
  ])
  const ranking = rankingTable(report)
  const seeds = seedTable(report)
  const main = `<header><h1>${escapeHtml(title)}</h1>
<p class="muted"><time datetime="${escapeHtml(startedAt)}">${escapeHtml(startedAt)}</time>, took ${formatSeconds(seconds)}; ${escapeHtml(environment.cpuModel)}, ${escapeHtml(environment.runtime)}</p></header>
${renderCurves(charts)}
${report.traces.map((trace) => `<section>${renderTable(missesTable(trace, report))}</section>`).join('\n')}
${seeds.rows.length === 0 ? '' : `<section>${renderTable(seeds)}</section>`}
${ranking.rows.length === 0 ? '' : `<section>${renderTable(ranking)}</section>`}
<section aria-labelledby="manifest"><h2 id="manifest">How these numbers were made</h2>
${renderFacts(manifestFacts(report))}
<pre><code>${escapeHtml(report.command.join(' '))}</code></pre></section>`
  return renderPage({ title, main, data: { report, charts }, client: 'curves-client.js' })
}

/** Figures that the page's script fills, in the order of the charts. */
export function renderCurves(charts: readonly CurveChart[]): string {
  if (charts.length === 0) return ''
  const figures = charts.map(
    ({ title }, index) => `<figure data-curves="${index}"><figcaption>${escapeHtml(title)}</figcaption>
<div class="plot" role="img" aria-label="${escapeHtml(title)}"></div></figure>`,
  )
  return `<section aria-label="Miss-ratio curves">
<noscript><p class="notice">The charts need JavaScript; the tables hold every number without it.</p></noscript>
<div class="charts">${figures.join('\n')}</div></section>`
}

/** A chart for each unit in which sizes were given, where there are two sizes or more. */
function chartsOf(trace: SimulatedTrace, report: SimulationReport): CurveChart[] {
  const ofTrace = report.rows.filter((row) => row.trace === trace.file)
  return (['objects', 'bytes'] as const).flatMap((unit) => {
    const rows = ofTrace.filter((row) => row.unit === unit)
    const sizes = [...new Set(rows.map(({ capacity }) => capacity))].toSorted((left, right) => left - right)
    if (sizes.length < 2) return []
    const series = [...Map.groupBy(rows, ({ label }) => label)].map(([label, points]) => ({
      label,
      missRatios: sizes.map((size) => points.find(({ capacity }) => capacity === size)?.missRatio ?? null),
    }))
    return [{ title: `Miss ratio of ${trace.file} by ${unit}`, sizes, unit, series }]
  })
}

/** A chart for each size: the miss ratio of each part of the trace, at the request where that part ends. */
function timeSeriesOf(trace: SimulatedTrace, report: SimulationReport): CurveChart[] {
  const rows = report.rows.filter((row) => row.trace === trace.file && row.series.length > 1)
  return [...Map.groupBy(rows, ({ size }) => size)].map(([size, ofSize]) => {
    let ended = Math.floor(trace.requests * report.settings.warmUpFraction)
    const ends = (ofSize[0]?.series ?? []).map(({ requests }) => {
      ended += requests
      return ended
    })
    const series = [...Map.groupBy(ofSize, ({ label }) => label)].map(([label, [row]]) => ({
      label,
      missRatios: (row?.series ?? []).map(({ requests, misses }) =>
        requests === 0 ? null : misses / requests,
      ),
    }))
    const title = `Miss ratio of ${trace.file} over time, size ${size}`
    return { title, sizes: ends, unit: 'requests', overTime: true, series }
  })
}

function manifestFacts({ settings, traces, environment, peakMemoryBytes }: SimulationReport): Fact[] {
  const { warmUpFraction, ttlSeconds, seed, threads, ignoreObjectSize } = settings
  const fact = (label: string, text: string): Fact => ({ label, cell: { text } })
  return [
    ...traces.flatMap(({ file, sha256, format, bytes, requests, objects, skipped }) => [
      fact(file, `${format}, ${formatBytes(bytes)}, SHA-256 ${sha256}`),
      fact('requests, objects', `${formatCount(requests)}, ${formatCount(objects)}; ${skipped} left out`),
    ]),
    fact('object sizes', ignoreObjectSize ? 'ignored' : 'counted where the trace has them'),
    fact('warm-up', `the first ${warmUpFraction * 100} % of the requests are not counted`),
    fact('ttl', ttlSeconds === undefined ? 'none' : `${ttlSeconds} s`),
    fact('seed', String(seed)),
    fact('threads', String(threads)),
    ...(peakMemoryBytes === undefined ? [] : [fact('most memory', formatBytes(peakMemoryBytes))]),
    fact('commit', environment.commit ?? 'unknown'),
    fact('machine', `${environment.cpuModel}, ${environment.kernel}`),
  ]
}
