import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDriven } from './driven-phase.ts'
import { type ExportFormatName, exportFormats, type FormatName, formats } from './index.ts'
import type { Report } from './report.ts'

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
  await mkdir(directory, { recursive: true })
  const wanted = join(directory, `${timestampOf(report)}-${safeName(options.name ?? workloadOf(report))}`)
  // The JSON first: if a later format fails, the measurement is safe. It takes the name for all of them.
  const stem = await writeUnderFreeStem(wanted, formats.json(report))
  const json = `${stem}.json`
  const write = async (format: FormatName | ExportFormatName, ending: string): Promise<string> => {
    const path = `${stem}.${ending}`
    await writeFile(path, { ...formats, ...exportFormats }[format](report), { flag: 'wx' })
    return path
  }
  return {
    json,
    markdown: await write('markdown', 'md'),
    html: await write('html', 'html'),
    hlog: await write('hlog', 'hlog'),
    openMetrics: await write('openMetrics', 'prom'),
  }
}

/** Programs may be asked twice in a second, and two of them at once; the file system says who was first. */
async function writeUnderFreeStem(wanted: string, content: string): Promise<string> {
  for (let count = 1; ; count++) {
    const stem = count === 1 ? wanted : `${wanted}-${count}`
    try {
      await writeFile(`${stem}.json`, content, { flag: 'wx' })
      return stem
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

function timestampOf(report: Report): string {
  return report.startedAt.replace(/\.\d+/, '').replaceAll(':', '-')
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
