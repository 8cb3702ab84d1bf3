import { isDriven } from './driven-phase.ts'
import { exportFormats, formats } from './index.ts'
import type { Report } from './report.ts'
import { writeResult } from './result-files.ts'

/** Where the files of one report were written. */
export type ReportPaths = {
  readonly json: string
  readonly markdown: string
  readonly html: string
  /** For other tools: an HdrHistogram log, and OpenMetrics text. */
  readonly hlog: string
  readonly openMetrics: string
}

/**
 * Writes a report as `<timestamp>-<name>` with the endings json, md, html, hlog and prom into a directory, which is made when it
 * is missing. An existing file is never overwritten: the second report of one second ends in `-2`. `name` defaults to the
 * workload.
 */
export async function writeReport(options: {
  readonly report: Report
  readonly directory: string
  readonly name?: string
}): Promise<ReportPaths> {
  const { report, directory } = options
  const { startedAt } = report
  const all = { ...formats, ...exportFormats }
  const [json = '', markdown = '', html = '', hlog = '', openMetrics = ''] = await writeResult({
    directory,
    startedAt,
    name: safeName(options.name ?? workloadOf(report)),
    files: [
      ['.json', () => all.json(report)],
      ['.md', () => all.markdown(report)],
      ['.html', () => all.html(report)],
      ['.hlog', () => all.hlog(report)],
      ['.prom', () => all.openMetrics(report)],
    ],
  })
  return { json, markdown, html, hlog, openMetrics }
}

function workloadOf(report: Report): string {
  const openLoop = report.phases.find((phase) => isDriven(phase))
  return openLoop?.workload ?? report.phases[0]?.kind ?? 'benchmark'
}

function safeName(name: string): string {
  const safe = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return safe === '' ? 'benchmark' : safe.slice(0, nameCharactersMax)
}

const nameCharactersMax = 60
