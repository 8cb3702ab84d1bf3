import { isDriven } from './driven-phase.ts'
import { formatSeconds } from './format-units.ts'
import { legend } from './legend.ts'
import type { Phase, Report } from './report.ts'
import {
  configurationFacts,
  environmentFacts,
  type Fact,
  phaseFacts,
  repeatCommand,
  targetFacts,
  trustFacts,
  verdictSentence,
} from './report-facts.ts'
import { operationsTable, phasesTable, type Table } from './report-tables.ts'

/** The report as GitHub Markdown, for issues and documentation. */
export function formatMarkdown(report: Report): string {
  const blocks = [
    `# Benchmark of ${escapeText(report.target.url)}`,
    `**${verdictSentence(report)}**`,
    ...bullets(report.verdict.reasons),
    `Started ${report.startedAt}, took ${formatSeconds(elapsedSeconds(report))}.`,
    '## Phases',
    table(phasesTable(report)),
    ...report.phases.flatMap(phaseBlocks),
    '## Target',
    factTable(targetFacts(report)),
    '## Environment',
    factTable([...environmentFacts(report), ...trustFacts(report)]),
    '## Configuration',
    factTable(configurationFacts(report)),
    '## How to repeat',
    fenced(repeatCommand(report), 'sh'),
    '## What the words mean',
    legend.map(({ term, definition }) => `- **${term}**: ${definition}`).join('\n'),
  ]
  return `${blocks.join('\n\n')}\n`
}

function phaseBlocks(phase: Phase): string[] {
  const blocks = [`### ${escapeText(phase.name)}`]
  if (!phase.valid)
    blocks.push('**Invalid: these numbers must not be quoted.**', ...bullets(phase.invalidBecause))
  if (isDriven(phase)) {
    blocks.push(table(operationsTable(phase)))
    blocks.push(...examples('First wrong answers:', phase.wrongExamples))
    blocks.push(...examples('First failures:', phase.errorExamples))
  }
  blocks.push(factTable(phaseFacts(phase)))
  return blocks
}

function examples(heading: string, texts: readonly string[]): string[] {
  return texts.length === 0 ? [] : [heading, fenced(texts.join('\n'), 'text')]
}

function bullets(texts: readonly string[]): string[] {
  return texts.length === 0 ? [] : [texts.map((text) => `- ${escapeText(text)}`).join('\n')]
}

function table({ columns, rows }: Table): string {
  return [
    row(columns.map(({ heading }) => heading)),
    row(columns.map(({ numeric }) => (numeric ? '--:' : ':--'))),
    ...rows.map(({ cells }) => row(cells.map(({ text }) => escapeText(text)))),
  ].join('\n')
}

function factTable(facts: readonly Fact[]): string {
  return [
    '| | |',
    '|:--|:--|',
    ...facts.map(({ label, cell }) => row([escapeText(label), escapeText(cell.text)])),
  ].join('\n')
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function fenced(text: string, language: string): string {
  // A fence must be longer than any run of back-ticks inside it (CommonMark 4.5).
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${text}\n${fence}`
}

function escapeText(text: string): string {
  return text.replace(/[\\`*_[\]<>|#]/g, '\\$&').replace(/\s*\n\s*/g, ' ')
}

function elapsedSeconds(report: Report): number {
  return (Date.parse(report.finishedAt) - Date.parse(report.startedAt)) / 1000
}
