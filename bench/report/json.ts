import type { Report } from './report.ts'

/** The report itself: the one format that programs read. */
export function formatJson(report: Report): string {
  return `${JSON.stringify(report, undefined, 2)}\n`
}
