import { formatBytes, formatCount, formatRatio } from '../report/format-units.ts'
import type { Cell, Table } from '../report/report-tables.ts'
import { type Rank, rankPolicies } from './ranking.ts'
import { parametersText } from './report-rows.ts'
import type { SimulatedTrace, SimulationReport, SimulationRow } from './simulation-report.ts'

/** Misses of every policy at every size, a table a trace. */
export function missesTable(trace: SimulatedTrace, report: SimulationReport): Table {
  const rows = report.rows.filter((row) => row.trace === trace.file)
  const headings = ['Capacity', 'Requests', 'Misses', 'Miss ratio', 'Byte miss ratio', 'ns/request']
  return {
    caption: `${trace.file}: ${formatCount(trace.requests)} requests for ${formatCount(trace.objects)} objects`,
    columns: columnsOf(['Size', 'Policy', 'Parameters'], headings),
    rows: rows.map((row) => ({ cells: cellsOf(row), alarming: false })),
  }
}

/** Policies by their reduction relative to FIFO; empty where FIFO was not simulated. */
export function rankingTable(report: SimulationReport): Table {
  const headings = ['Traces', 'P10', 'P50', 'P90', 'Mean']
  return {
    caption: 'Fewer misses than FIFO, over the traces',
    columns: columnsOf(['Size', 'Policy'], headings),
    rows: rankPolicies(report.rows).map((rank) => ({ cells: rankCells(rank), alarming: false })),
  }
}

function cellsOf(row: SimulationRow): Cell[] {
  const { capacity, unit } = row
  return [
    { text: row.size },
    { text: row.label },
    { text: parametersText(row) },
    { text: unit === 'bytes' ? formatBytes(capacity) : formatCount(capacity), value: capacity },
    { text: formatCount(row.requests), value: row.requests },
    { text: formatCount(row.misses), value: row.misses },
    { text: formatRatio(row.missRatio), value: row.missRatio },
    { text: formatRatio(row.byteMissRatio), value: row.byteMissRatio },
    { text: row.nsPerRequest.toFixed(1), value: row.nsPerRequest },
  ]
}

function rankCells({ size, label, traces, p10, p50, p90, mean }: Rank): Cell[] {
  const shares = [p10, p50, p90, mean].map((share) => ({ text: formatRatio(share), value: share }))
  return [{ text: size }, { text: label }, { text: String(traces), value: traces }, ...shares]
}

function columnsOf(texts: readonly string[], numbers: readonly string[]): Table['columns'] {
  return [
    ...texts.map((heading) => ({ heading, numeric: false })),
    ...numbers.map((heading) => ({ heading, numeric: true })),
  ]
}
