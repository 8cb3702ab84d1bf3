import { formatCount, formatRatio } from '../report/format-units.ts'
import { escapeHtml, renderList } from '../report/html/markup.ts'
import { renderPage } from '../report/html/page.ts'
import type { Environment } from '../report/report.ts'
import type { CurveMethod, CurveSettings, EstimatedCurve } from './estimate-curve.ts'
import { type CurveChart, renderCurves } from './report-html.ts'
import { escapeCsv } from './report-rows.ts'
import type { SimulatedTrace } from './simulation-report.ts'

/** What `erji-bench curve` writes. */
export type CurveReport = {
  readonly curveSchemaVersion: 1
  readonly startedAt: string
  readonly command: readonly string[]
  readonly environment: Environment
  readonly seed: number
  /** How every curve was made; the policy is each curve's own. */
  readonly settings: Omit<CurveSettings, 'policy' | 'seed'>
  readonly traces: readonly { readonly facts: SimulatedTrace; readonly curves: readonly EstimatedCurve[] }[]
}

/** One line a trace, policy and size. */
export function curveCsv({ traces }: CurveReport): string {
  const lines = traces.flatMap(({ facts, curves }) =>
    curves.flatMap(({ label, method, capacities, missRatios, deviations, rate, sampledObjects }) =>
      capacities.map((capacity, point) =>
        [
          ...[facts.file, facts.sha256, label, method, rate, sampledObjects, capacity, facts.requests],
          ...[exactMisses(method, missRatios[point], facts.requests), missRatios[point] ?? ''],
          deviations[point] ?? 0,
        ]
          .map((field) => escapeCsv(String(field)))
          .join(','),
      ),
    ),
  )
  const header =
    'trace,trace_sha256,policy,method,rate,sampled_objects,capacity_objects,requests,misses,miss_ratio,standard_deviation'
  return `${[header, ...lines].join('\n')}\n`
}

/** Whole misses, which only an exact curve has. */
function exactMisses(method: CurveMethod, missRatio: number | undefined, requests: number): number | '' {
  return method === 'exact' && missRatio !== undefined ? Math.round(missRatio * requests) : ''
}

/** Curves as one page that needs no network. */
export function curveHtml(report: CurveReport): string {
  const title = `Miss-ratio curves of ${report.traces.map(({ facts }) => facts.file).join(', ')}`
  const charts = report.traces.flatMap(({ facts, curves }) => chartOf(facts, curves) ?? [])
  const main = `<header><h1>${escapeHtml(title)}</h1><p class="muted">${escapeHtml(report.startedAt)}</p></header>
${renderCurves(charts)}
<section>${renderList(report.traces.flatMap(({ facts, curves }) => curves.map((curve) => `${facts.file}: ${curveSentence(curve)}`)))}
<pre><code>${escapeHtml(report.command.join(' '))}</code></pre></section>`
  return renderPage({ title, main, data: { report, charts }, client: 'curves-client.js' })
}

/** How a curve was made, how far it can be trusted and what to mind. */
export function curveSentence(curve: EstimatedCurve): string {
  const { label, method, sampledObjects, sampledRequests, rate, warnings } = curve
  if (method === 'exact') return `${label}, exact, ${formatCount(sampledRequests)} requests`
  const errors = [
    `standard deviation between samples ${curve.meanDeviation.toFixed(4)} in the mean`,
    ...(curve.meanAbsoluteError === undefined
      ? []
      : [`mean absolute error against the exact curve ${curve.meanAbsoluteError.toFixed(4)}`]),
  ]
  const sample = `${formatCount(sampledObjects)} objects and ${formatCount(sampledRequests)} requests sampled, ${formatRatio(rate)}`
  const notes = warnings.map((warning) => `; WARNING: ${warning}`).join('')
  return `${label}, ${method}, ${sample}; ${errors.join(', ')}${notes}`
}

function chartOf(facts: SimulatedTrace, curves: readonly EstimatedCurve[]): CurveChart | undefined {
  const sizes = curves[0]?.capacities ?? []
  if (sizes.length < 2) return undefined
  const series = curves.map(({ label, method, missRatios }) => ({
    label: `${label}, ${method}`,
    missRatios: missRatios.map((ratio) => ratio ?? null),
  }))
  return { title: `Miss ratio of ${facts.file} by objects`, sizes, unit: 'objects', series }
}
