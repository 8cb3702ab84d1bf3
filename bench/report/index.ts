import { formatConsole } from './console.ts'
import type { Formatter } from './formatter.ts'
import { formatHlog } from './hlog.ts'
import { formatHtml } from './html.ts'
import { formatJson } from './json.ts'
import { formatMarkdown } from './markdown.ts'
import { formatOpenMetrics } from './open-metrics.ts'

/** Every format of a report that people read, and the JSON behind them, by name. */
export const formats = {
  console: formatConsole,
  html: formatHtml,
  json: formatJson,
  markdown: formatMarkdown,
} as const satisfies Record<string, Formatter>

/** Formats that other tools read. */
export const exportFormats = {
  hlog: formatHlog,
  openMetrics: formatOpenMetrics,
} as const satisfies Record<string, Formatter>
