import type { OfferedResult, ReadResult, ScaleResult, SizeResult } from './scale-result.ts'

/** The result as Markdown: one table by size, one by what was asked, and how to read them. */
export function scaleMarkdown(result: ScaleResult): string {
  const { environment, config, startedAt } = result
  const sizes = result.sizes
  return `# Scale

${environment.cpuModel}, ${environment.logicalCores} logical cores, ${gibibytes(environment.memoryBytes)} GiB of memory, ${environment.kernel}, ${environment.runtime}, commit ${environment.commit ?? 'unknown'}, ${startedAt}.
Node with ${String(config.workers)} worker${config.workers === 1 ? '' : 's'}; driver and node on the same machine; every answer verified.

## By size

${table(sizeColumns, sizes)}

![Cost of an operation against the number of identifiers](scale.svg)

*Loading* writes the data directory without HTTP, in key order. *Ready* is the time from starting the process until it
listens, with the page cache emptied (${[...new Set(sizes.flatMap(({ pageCache }) => pageCache ?? []))].join(', ') || 'unknown'}).
*Random order* registers over HTTP, in bulk and with durability \`os\`, handles that fall between the loaded ones;
*stall* is the longest time in which no batch was acknowledged.

## Resolving

${table(
  readColumns,
  sizes.flatMap((size) => size.reads.map((read) => ({ ...read, identifiers: size.identifiers }))),
)}

Latencies in µs (p50 / p99 / p99.9) at ${String(config.rate)} requests offered a second, counted from when each was due. *Cold*: no record
in the node's memory and an empty page cache, for ${String(config.coldSeconds)} s; *loop delay* is the node's highest event-loop delay meanwhile. *Warm*: after ${String(config.warmUp)} s
of driving it as fast as one driver goes. *CPU µs* are the node's, per request, at the rate that this one driver reached.
*Node MiB* leave out the engine's tables, which are mapped and which the kernel takes back like the rest of the page cache.
`
}

type Column<Row> = readonly [title: string, cell: (row: Row) => string]

const sizeColumns: readonly Column<SizeResult>[] = [
  ['identifiers', ({ identifiers }) => count(identifiers)],
  ['load /s', ({ load }) => orDash(load, ({ recordsPerSecond }) => count(recordsPerSecond))],
  ['load CPU µs', ({ load }) => orDash(load, (found) => found.cpuMicrosecondsPerRecord.toFixed(2))],
  ['load resident MiB', ({ load }) => orDash(load, (found) => mebibytes(found.residentBytesMax))],
  ['of these its own', ({ load }) => orDash(load?.ownBytesMax, mebibytes)],
  ['bytes a record', ({ load }) => orDash(load, (found) => found.storeBytesPerRecord.toFixed(1))],
  ['ready s', ({ readySeconds }) => orDash(readySeconds, (seconds) => seconds.toFixed(2))],
  ['node MiB at start', ({ readyResidentBytes }) => orDash(readyResidentBytes, mebibytes)],
  ['random order /s', ({ registration }) => orDash(registration, (found) => count(found.perSecond))],
  [
    'last quarter /s',
    ({ registration }) => orDash(registration, (found) => count(found.perSecondOfLastQuarter)),
  ],
  [
    'registration CPU µs',
    ({ registration }) => orDash(registration, (found) => found.nodeCpuMicroseconds.toFixed(1)),
  ],
  ['stall s', ({ registration }) => orDash(registration, (found) => found.longestGapSeconds.toFixed(2))],
]

const readColumns: readonly Column<ReadResult & { readonly identifiers: number }>[] = [
  ['identifiers', ({ identifiers }) => count(identifiers)],
  ['asked', ({ asked }) => asked],
  ['cache', ({ cacheShare }) => `${cacheShare * 100} %`],
  ['entries', ({ cacheEntriesMax }) => count(cacheEntriesMax)],
  ['hit ratio', ({ closed }) => orDash(closed, ({ hitRatio }) => hitRatio.toFixed(3))],
  ['requests /s', ({ closed }) => orDash(closed, ({ perSecond }) => count(perSecond))],
  ['CPU µs', ({ closed }) => orDash(closed, (found) => found.nodeCpuMicroseconds.toFixed(1))],
  ['warm', ({ warm }) => orDash(warm, latencies)],
  ['cold', ({ cold }) => orDash(cold, latencies)],
  [
    'cold loop delay ms',
    ({ coldLoopDelaySeconds }) => orDash(coldLoopDelaySeconds, ({ max }) => (max * 1000).toFixed(0)),
  ],
  ['node MiB', ({ nodeResidentBytes }) => orDash(nodeResidentBytes, mebibytes)],
  ['not served', ({ cold, warm, failed }) => failed ?? unserved([cold, warm])],
]

function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [
    line(columns.map(([title]) => title)),
    `|${'--|'.repeat(columns.length)}`,
    ...rows.map((row) => line(columns.map(([, cell]) => cell(row)))),
  ].join('\n')
}

function latencies({ p50Ns, p99Ns, p999Ns }: OfferedResult): string {
  return [p50Ns, p99Ns, p999Ns].map((ns) => count(ns / 1000)).join(' / ')
}

function unserved(offered: readonly (OfferedResult | undefined)[]): string {
  return String(offered.reduce((sum, one) => sum + (one === undefined ? 0 : one.failed + one.dropped), 0))
}

function orDash<Value>(value: Value | undefined, show: (value: Value) => string): string {
  return value === undefined ? '–' : show(value)
}

function count(number: number): string {
  return Math.round(number).toLocaleString('en')
}

function mebibytes(bytes: number): string {
  return count(bytes / 2 ** 20)
}

function gibibytes(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1)
}
