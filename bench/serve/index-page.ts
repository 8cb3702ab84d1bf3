import { isDriven } from '../report/driven-phase.ts'
import { formatNs, formatPerSecond } from '../report/format-units.ts'
import { escapeHtml } from '../report/html/markup.ts'
import { renderPage } from '../report/html/page.ts'
import { outcomeOf } from '../report/outcome.ts'
import { totalsOf } from '../report/phase-totals.ts'
import type { ListedResult } from './list-results.ts'

/** The list of a directory: runs to open and to compare, capacities, gates, and the files that cannot be read with the reason. */
export function indexHtml(directory: string, results: readonly ListedResult[]): string {
  const rows = results.map(
    (result) => `<tr${isAlarming(result) ? ' class="alarm"' : ''}><td>${choice(result)}</td>
<th scope="row">${link(result)}</th><td>${words([result.kind])}</td><td>${words(summary(result))}</td></tr>`,
  )
  const title = `Results in ${directory}`
  const main = `<header><h1>${escapeHtml(title)}</h1></header>
<section><form action="/compare" method="get">
<div class="scroll" role="region" aria-label="Runs" tabindex="0"><table><caption>Runs</caption>
<thead><tr><th scope="col"></th><th scope="col">Run</th><th scope="col">Kind</th><th scope="col">Summary</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div>
${rows.length === 0 ? '<p>There are no JSON files here yet.</p>' : '<p><button type="submit">Compare the chosen runs</button></p>'}
</form></section>`
  return renderPage({ title, main, data: {}, client: [], bilingual: true })
}

function isAlarming(result: ListedResult): boolean {
  switch (result.kind) {
    case 'report':
      return !result.report.verdict.passed
    case 'gate':
      return result.gate.verdict === 'regressed' || result.gate.verdict === 'invalid'
    case 'capacity':
      return result.capacity.capacityPerSecond === undefined
    case 'other':
      return false
    case 'unreadable':
      return true
  }
}

function choice({ kind, name }: ListedResult): string {
  if (kind !== 'report') return ''
  return `<input type="checkbox" name="run" value="${escapeHtml(name)}" aria-label="${escapeHtml(name)}">`
}

function link({ kind, name }: ListedResult): string {
  if (kind === 'unreadable' || kind === 'other') return escapeHtml(name)
  return `<a href="/runs/${encodeURIComponent(name)}">${escapeHtml(name)}</a>`
}

/** Each a piece that the page translates by itself. */
function words(pieces: readonly string[]): string {
  return pieces.map((piece) => `<span class="word">${escapeHtml(piece)}</span>`).join('; ')
}

function summary(result: ListedResult): readonly string[] {
  switch (result.kind) {
    case 'report': {
      const open = result.report.phases.filter((phase) => isDriven(phase))
      const phases = open.map((phase) => {
        const { latency } = totalsOf(phase)
        const valid = phase.valid ? '' : ' (invalid)'
        return `${formatPerSecond(phase.achievedPerSecond)}, p99 ${formatNs(latency.percentileNs(0.99))}${valid}`
      })
      return [outcomeOf(result.report), ...phases]
    }
    case 'gate':
      return [result.gate.verdict, `${result.gate.candidate} against ${result.gate.baseline}`]
    case 'capacity': {
      const { capacityPerSecond, objective } = result.capacity
      return capacityPerSecond === undefined
        ? [`none meets ${objective}`]
        : [`${formatPerSecond(capacityPerSecond)} meet ${objective}`]
    }
    case 'other':
    case 'unreadable':
      return [result.reason]
  }
}
