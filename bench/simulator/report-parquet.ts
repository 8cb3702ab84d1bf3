import { parquetWriteBuffer } from 'hyparquet-writer'
import { rowColumns } from './report-rows.ts'
import type { SimulationReport } from './simulation-report.ts'

/** The rows as Parquet; the manifest is in the file's own metadata under `erji`. */
export function simulationParquet(report: SimulationReport): Buffer {
  const { rows, ...manifest } = report
  const buffer = parquetWriteBuffer({
    columnData: rowColumns.map(({ name, type, read }) => ({
      name,
      type,
      data: rows.map((row) => {
        const value = read(row, report)
        return type === 'INT64' ? BigInt(value) : value
      }),
    })),
    kvMetadata: [{ key: 'erji', value: JSON.stringify(manifest) }],
  })
  return Buffer.from(buffer)
}
