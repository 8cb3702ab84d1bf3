import { formatConsole } from './console.ts'
import type { Formatter } from './formatter.ts'
import { formatHtml } from './html.ts'
import { formatJson } from './json.ts'
import { formatMarkdown } from './markdown.ts'

/** Every format of a report by name. */
export const formats = {
  console: formatConsole,
  html: formatHtml,
  json: formatJson,
  markdown: formatMarkdown,
} as const satisfies Record<string, Formatter>
export type FormatName = keyof typeof formats
