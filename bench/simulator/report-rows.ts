import type { SimulatedTrace, SimulationReport, SimulationRow } from './simulation-report.ts'

/** One column of the tidy table that CSV and Parquet hold. */
export type RowColumn = {
  readonly name: string
  readonly type: 'STRING' | 'INT64' | 'DOUBLE'
  read(row: SimulationRow, report: SimulationReport): string | number
}

/** One line a trace, policy and size; counts are whole numbers, ratios can be recomputed from them. */
export const rowColumns: readonly RowColumn[] = [
  text('trace', ({ trace }) => trace),
  text('trace_sha256', (row, report) => traceOf(row, report).sha256),
  whole('trace_objects', (row, report) => traceOf(row, report).objects),
  text('policy', ({ policy }) => policy),
  text('label', ({ label }) => label),
  text('parameters', parametersText),
  text('size', ({ size }) => size),
  whole('capacity', ({ capacity }) => capacity),
  text('capacity_unit', ({ unit }) => unit),
  real('warm_up_fraction', (_, { settings }) => settings.warmUpFraction),
  whole('seed', ({ seed }, { settings }) => seed ?? settings.seed),
  whole('requests', ({ requests }) => requests),
  whole('misses', ({ misses }) => misses),
  real('miss_ratio', ({ missRatio }) => missRatio),
  whole('bytes', ({ bytes }) => bytes),
  whole('byte_misses', ({ byteMisses }) => byteMisses),
  real('byte_miss_ratio', ({ byteMissRatio }) => byteMissRatio),
  whole('evictions', ({ evictions }) => evictions),
  whole('expirations', ({ expirations }) => expirations),
  whole('refusals', ({ refusals }) => refusals),
  real('ns_per_request', ({ nsPerRequest }) => nsPerRequest),
]

/** Every parameter with its value, so that a variant is told by each output: `threshold=2;fillMainFirst=1`. */
export function parametersText({ parameters }: SimulationRow): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .join(';')
}

/** The rows as CSV (RFC 4180). */
export function simulationCsv(report: SimulationReport): string {
  const lines = report.rows.map((row) =>
    rowColumns.map(({ read }) => escapeCsv(String(read(row, report)))).join(','),
  )
  return `${[rowColumns.map(({ name }) => name).join(','), ...lines].join('\n')}\n`
}

/** The time series as CSV: one line a row of the result and part of the trace, with whole counts. */
export function seriesCsv(report: SimulationReport): string {
  const header =
    'trace,trace_sha256,label,size,capacity,capacity_unit,seed,window,requests,misses,bytes,byte_misses'
  const lines = report.rows.flatMap((row) =>
    row.series.map(({ requests, misses, bytes, byteMisses }, window) =>
      [
        ...[row.trace, traceOf(row, report).sha256, row.label, row.size, row.capacity, row.unit],
        ...[row.seed ?? report.settings.seed, window, requests, misses, bytes, byteMisses],
      ]
        .map((field) => escapeCsv(String(field)))
        .join(','),
    ),
  )
  return `${[header, ...lines].join('\n')}\n`
}

/** A field as CSV holds it. */
export function escapeCsv(field: string): string {
  return /[",\n\r]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}

function traceOf(row: SimulationRow, report: SimulationReport): SimulatedTrace {
  return report.traces.find(({ file }) => file === row.trace) as SimulatedTrace
}

function text(name: string, read: (row: SimulationRow, report: SimulationReport) => string): RowColumn {
  return { name, type: 'STRING', read }
}

function whole(name: string, read: (row: SimulationRow, report: SimulationReport) => number): RowColumn {
  return { name, type: 'INT64', read }
}

function real(name: string, read: (row: SimulationRow, report: SimulationReport) => number): RowColumn {
  return { name, type: 'DOUBLE', read }
}
