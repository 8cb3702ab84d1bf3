import junitReports, { type Builder } from 'junit-report-builder'
import type { GateResult, MetricResult } from './gate-result.ts'
import { metrics } from './metric.ts'

// The package exports the builder itself, where its types promise a module around it.
const junitBuilder = junitReports as unknown as Builder

/** A gate's result as text of one format. */
export type GateFormatter = (result: GateResult) => string

/** Every format, by the ending of its file. */
export const gateFormats = {
  json: (result) => `${JSON.stringify(result, undefined, 2)}\n`,
  md: markdown,
  xml: junit,
  txt: openMetrics,
} as const satisfies Record<string, GateFormatter>

/** The result for a terminal. */
export function gateTable(result: GateResult): string {
  const rows = result.results.map((row) => [
    nameOf(row),
    amount(row, row.baseline),
    amount(row, row.candidate),
    change(row),
    row.gating ? row.verdict : `(${row.verdict})`,
  ])
  const lines = [['metric', 'baseline', 'candidate', 'candidate/baseline', 'verdict'], ...rows]
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...lines.map((line) => (line[column] ?? '').length)),
  )
  const text = lines.map((line) =>
    line
      .map((cell, column) => onOneLine(cell).padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const reasons = result.reasons.map(onOneLine)
  return [...text, '', ...reasons, `${result.verdict.toUpperCase()}: ${explanation(result)}`, ''].join('\n')
}

/** Workflow commands that GitHub Actions shows beside a change: one for each gating metric that regressed or is in doubt. */
export function githubAnnotations(result: GateResult): string {
  const lines = result.results
    .filter(({ gating, verdict }) => gating && (verdict === 'regressed' || verdict === 'inconclusive'))
    .map((row) =>
      annotation({
        level: row.verdict === 'regressed' ? 'error' : 'warning',
        title: `${nameOf(row)} ${row.verdict}`,
        text: `${change(row)}, threshold ${percent(result.threshold)}`,
      }),
    )
  for (const { metric, reason } of result.notMeasured ?? []) {
    lines.push(annotation({ level: 'warning', title: `${metric} not measured`, text: reason }))
  }
  if (result.verdict === 'invalid') {
    lines.push(annotation({ level: 'error', title: 'invalid run', text: result.reasons.join('; ') }))
  }
  return lines.map((line) => `${line}\n`).join('')
}

/** Escaped as the runner reads it, so that no text of a server ends the command or begins another. */
function annotation(parts: {
  readonly level: 'error' | 'warning'
  readonly title: string
  readonly text: string
}): string {
  const title = escapeCommand(parts.title).replaceAll(':', '%3A').replaceAll(',', '%2C')
  return `::${parts.level} title=${title}::${escapeCommand(parts.text)}`
}

function escapeCommand(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function markdown(result: GateResult): string {
  const rows = result.results.map((row) => {
    const verdict = row.gating ? row.verdict : `${row.verdict} (not gating)`
    const cells = [nameOf(row), amount(row, row.baseline), amount(row, row.candidate), change(row), verdict]
    return `| ${cells.map(markdownCell).join(' | ')} |`
  })
  return [
    `## Gate: ${result.verdict}`,
    '',
    onOneLine(explanation(result)),
    '',
    '| metric | baseline | candidate | candidate / baseline | verdict |',
    '|--|--:|--:|--:|--|',
    ...rows,
    '',
    ...result.reasons.map((reason) => `- ${onOneLine(reason)}`),
    ...Object.entries(metrics)
      .filter(([name]) => result.results.some(({ metric }) => metric === name))
      .map(([name, { meaning }]) => `- \`${name}\`: ${meaning}`),
    '',
    `${result.environment.cpuModel}, ${result.environment.logicalCores} cores, ${result.environment.runtime}, seed ${result.seed}`,
    '',
  ].join('\n')
}

function markdownCell(text: string): string {
  return onOneLine(text).replaceAll('|', '\\|')
}

/** A line that begins anew could be a row, a heading or a workflow command, whatever it was meant as. */
function onOneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ')
}

/** One test case a metric that counts: a regression is a failure; doubt, and what was not measured, is skipped with its reason. */
function junit(result: GateResult): string {
  const report = junitBuilder.newBuilder()
  const suite = report.testSuite().name('erji gate').time(result.seconds)
  const caseOf = (name: string) => suite.testCase().className('erji.gate').name(name)
  const skipped: string[] = []
  for (const row of result.results.filter(({ gating }) => gating)) {
    const testCase = caseOf(nameOf(row))
    if (row.verdict === 'regressed') testCase.failure(change(row), 'regressed')
    if (row.verdict === 'inconclusive') {
      testCase.skipped()
      skipped.push(change(row))
    }
  }
  for (const { metric, reason } of result.notMeasured ?? []) {
    caseOf(metric).skipped()
    skipped.push(reason)
  }
  if (result.verdict === 'invalid') caseOf('valid run').error(result.reasons.join('; '), 'invalid')
  return withReasons(report.build(), skipped)
}

/** The builder's skipped cases hold no message; such an element is never text, which it escapes. */
function withReasons(xml: string, skipped: readonly string[]): string {
  let next = 0
  return xml.replaceAll('<skipped/>', () => `<skipped message="${escapeXml(skipped[next++] ?? '')}"/>`)
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

/** OpenMetrics text, which GitLab reads as a metrics report and Prometheus as any other. */
function openMetrics(result: GateResult): string {
  const lines = result.results.flatMap((row) => {
    const phase = row.phase === undefined ? '' : `,phase="${row.phase.replace(/["\\\n]/g, '_')}"`
    const sample = (name: string, extra: string, value: number): string =>
      `erji_gate_${name}{metric="${row.metric}"${phase}${extra}} ${value}`
    return [
      sample('ratio', '', row.interval.ratio),
      sample('ratio_bound', ',bound="low"', row.interval.low),
      sample('ratio_bound', ',bound="high"', row.interval.high),
    ]
  })
  return `${[...lines, '# EOF'].join('\n')}\n`
}

/** The metric, and the phase where there are several. */
export function nameOf({ metric, phase }: MetricResult): string {
  return phase === undefined ? metric : `${phase}: ${metric}`
}

/** A side's figure with the unit of its metric. */
export function amount({ metric }: MetricResult, value: number): string {
  return `${value.toPrecision(4)} ${metrics[metric].unit}`
}

/** The ratio with the bounds of its interval. */
export function change({ interval }: MetricResult): string {
  const { ratio, low, high, confidence } = interval
  if (interval.pairs === 1) return `${ratio.toFixed(3)} (one measurement of each, no interval)`
  return `${ratio.toFixed(3)} (${percent(confidence)} interval ${low.toFixed(3)} to ${high.toFixed(3)}, n=${interval.pairs})`
}

/** What was held against what, and what counts as a change. */
export function explanation(result: GateResult): string {
  return (
    `candidate ${result.candidate} against baseline ${result.baseline}, ${result.design}, ` +
    `a change counts beyond ${percent(result.threshold)}, ${Math.round(result.seconds)} s`
  )
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`
}
