import { isDriven } from './driven-phase.ts'
import type { Phase, Report } from './report.ts'
import { phaseFacts, trustFacts, verdictSentence } from './report-facts.ts'
import { operationsTable, phasesTable, type Table } from './report-tables.ts'

/** The report for a terminal: the tables, the reasons and the verdict, without colours so that it can be piped. */
export function formatConsole(report: Report): string {
  const { target, environment, startedAt } = report
  const lines = [
    `Benchmark of ${target.url}, started ${startedAt}`,
    `${environment.cpuModel}, ${environment.logicalCores} cores, ${environment.kernel}, ${environment.runtime}`,
    ...trustFacts(report).map(({ label, cell }) => toAscii(`${label}: ${cell.text}`)),
    '',
    ...formatTable(phasesTable(report)),
    ...report.phases.flatMap(formatPhase),
    '',
    verdictSentence(report),
    ...report.verdict.reasons.map((reason) => `  ${reason}`),
  ]
  return `${lines.join('\n')}\n`
}

function formatPhase(phase: Phase): string[] {
  const facts = phaseFacts(phase).map(({ label, cell }) => `${label}: ${cell.text}`)
  const lines = ['', `${phase.name} (${phase.kind})`, ...wrap(toAscii(facts.join(', ')))]
  if (!phase.valid)
    lines.push('  INVALID, do not quote:', ...phase.invalidBecause.map((reason) => `    ${reason}`))
  if (isDriven(phase)) {
    lines.push(...formatTable(operationsTable(phase)).slice(1))
    lines.push(
      ...examples('wrong answers', phase.wrongExamples),
      ...examples('failures', phase.errorExamples),
    )
  }
  return lines
}

function examples(kind: string, texts: readonly string[]): string[] {
  return texts.length === 0 ? [] : [`  first ${kind}:`, ...texts.map((text) => `    ${text}`)]
}

/** A table for a terminal, in ASCII. */
export function formatTable({ caption, columns, rows }: Table): string[] {
  const lines = [
    columns.map(({ heading }) => heading),
    ...rows.map(({ cells }) => cells.map(({ text }) => text)),
  ]
  const texts = lines.map((line) => line.map(toAscii))
  const widths = columns.map((_, index) => Math.max(...texts.map((line) => line[index]?.length ?? 0)))
  const aligned = texts.map((line) => {
    const cells = line.map((text, index) => {
      const width = widths[index] ?? 0
      return columns[index]?.numeric ? text.padStart(width) : text.padEnd(width)
    })
    return `  ${cells.join('  ')}`.trimEnd()
  })
  const rule = `  ${widths.map((width) => '-'.repeat(width)).join('  ')}`
  return [caption, ...aligned.slice(0, 1), rule, ...aligned.slice(1)]
}

const lineCharactersMax = 110

function wrap(text: string): string[] {
  const lines: string[] = []
  let line = ' '
  for (const part of text.split(/(?<=,) /)) {
    if (line.length + part.length >= lineCharactersMax) {
      lines.push(line)
      line = ' '
    }
    line += ` ${part}`
  }
  return [...lines, line]
}

// Terminals without UTF-8 would show two characters for one and break the alignment.
function toAscii(text: string): string {
  return text.replaceAll('µ', 'u')
}
