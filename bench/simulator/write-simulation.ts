import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { simulationHtml } from './report-html.ts'
import { simulationParquet } from './report-parquet.ts'
import { seriesCsv, simulationCsv } from './report-rows.ts'
import type { SimulationReport } from './simulation-report.ts'

/** Writes a result as JSON, CSV (rows and time series), HTML and on demand Parquet; returns the files. */
export async function writeSimulation(
  report: SimulationReport,
  options: { readonly directory: string; readonly parquet: boolean },
): Promise<string[]> {
  const { directory, parquet } = options
  await mkdir(directory, { recursive: true })
  const stem = join(directory, `${report.startedAt.replace(/\.\d+/, '').replaceAll(':', '-')}-simulation`)
  const files: [name: string, content: string | Buffer][] = [
    [`${stem}.json`, `${JSON.stringify(report, undefined, 2)}\n`],
    [`${stem}.csv`, simulationCsv(report)],
    [`${stem}-series.csv`, seriesCsv(report)],
    [`${stem}.html`, simulationHtml(report)],
  ]
  if (parquet) files.push([`${stem}.parquet`, simulationParquet(report)])
  for (const [name, content] of files) await writeFile(name, content)
  return files.map(([name]) => name)
}
