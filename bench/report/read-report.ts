import { readFile } from 'node:fs/promises'
import type { z } from 'zod'
import { upgradeReport } from './older-report.ts'
import { type Report, reportSchemaVersion } from './report.ts'
import { reportSchema } from './schema.ts'

/** Why a file is not a report that this version can read. */
export class ReportReadError extends Error {
  override readonly name = 'ReportReadError'
  readonly code: 'UNREADABLE' | 'NOT_JSON' | 'OTHER_VERSION' | 'NOT_A_REPORT'

  constructor(code: ReportReadError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** The report in a JSON file; throws ReportReadError naming the file and what is wrong with it. */
export async function readReport(file: string): Promise<Report> {
  return parseReport({ text: await readText(file), file })
}

/** The report in a text; `file` names its origin in errors. */
export function parseReport({ text, file }: { readonly text: string; readonly file: string }): Report {
  const given = parseJson(text, file)
  const isOlder = typeof given === 'object' && given !== null && fieldAt(given, ['schemaVersion']) === 1
  const value = isOlder ? upgradeReport(given) : given
  const version = fieldAt(value, ['schemaVersion'])
  if (version !== undefined && version !== reportSchemaVersion) {
    throw new ReportReadError(
      'OTHER_VERSION',
      `${file} is a report of schemaVersion ${show(version)}; this program reads versions 1 to ${reportSchemaVersion}`,
    )
  }
  const result = reportSchema.safeParse(value)
  if (result.success) return result.data
  const problems = problemsOf(result.error, value)
  throw new ReportReadError('NOT_A_REPORT', `${file} is not a benchmark report:\n${problems.join('\n')}`)
}

/** What a schema says against a document, a line for each field with its value. */
export function problemsOf({ issues }: z.ZodError, value: unknown): string[] {
  const problems = issues.slice(0, problemsMax).map(({ path, message }) => {
    return `  ${showPath(path)} is ${show(fieldAt(value, path))}: ${message}`
  })
  const more = issues.length - problems.length
  return more > 0 ? [...problems, `  and ${more} more`] : problems
}

const problemsMax = 10
const shownCharactersMax = 80

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new ReportReadError('UNREADABLE', `cannot read ${file}: ${messageOf(error)}`, { cause: error })
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ReportReadError('NOT_JSON', `${file} is not JSON: ${messageOf(error)}`, { cause: error })
  }
}

function fieldAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let field = value
  for (const key of path) {
    if (typeof field !== 'object' || field === null) return undefined
    field = Reflect.get(field, key)
  }
  return field
}

function showPath(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the document'
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`))
    .join('')
}

function show(value: unknown): string {
  if (value === undefined) return 'missing'
  const text = JSON.stringify(value)
  return text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}…` : text
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
