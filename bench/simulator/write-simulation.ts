import { type ResultFile, readableJson, writeResult } from '../report/result-files.ts'
import { simulationHtml } from './report-html.ts'
import { simulationParquet } from './report-parquet.ts'
import { seriesCsv, simulationCsv } from './report-rows.ts'
import type { SimulationReport } from './simulation-report.ts'

/** Writes a result as JSON, CSV (rows and time series), HTML and on demand Parquet; returns the files. */
export async function writeSimulation(
  report: SimulationReport,
  options: { readonly directory: string; readonly parquet: boolean },
): Promise<readonly string[]> {
  const { directory, parquet } = options
  const forParquet: readonly ResultFile[] = parquet ? [['.parquet', () => simulationParquet(report)]] : []
  return writeResult({
    ...{ directory, startedAt: report.startedAt, name: 'simulation' },
    files: [
      ['.json', () => readableJson(report)],
      ['.csv', () => simulationCsv(report)],
      ['-series.csv', () => seriesCsv(report)],
      ['.html', () => simulationHtml(report)],
      ...forParquet,
    ],
  })
}
