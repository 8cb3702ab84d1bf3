import type { Report } from './report.ts'

/** A report as text of one format. */
export type Formatter = (report: Report) => string
