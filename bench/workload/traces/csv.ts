import { type Halves, hashKey, readDigits } from './text-ids.ts'
import { readLines } from './text-lines.ts'
import type { TraceColumns } from './trace-columns.ts'
import { TraceError } from './trace-error.ts'
import type { FormatParameters, TraceFormat } from './trace-format.ts'

/** Columns by libCacheSim's parameters, counted from 1: `time-col=1,obj-id-col=2,obj-size-col=3,delimiter=;,has-header=true`. */
export const csv: TraceFormat = {
  matches: ({ name }) => name.endsWith('.csv') || name.endsWith('.tsv'),
  parameters: [
    'time-col',
    'obj-id-col',
    'obj-size-col',
    'ttl-col',
    'delimiter',
    'has-header',
    'obj-id-is-num',
  ],
  columns: (parameters) => ({
    sizes: parameters['obj-size-col'] !== undefined,
    times: parameters['time-col'] !== undefined,
    ttls: parameters['ttl-col'] !== undefined,
  }),
  async read(bytes, columns, parameters) {
    const layout = layoutOf(parameters)
    let header = layout.hasHeader
    await readLines(bytes, (line, offsetBytes) => {
      if (header) header = false
      else addLine(line, { layout, columns, offsetBytes })
    })
  },
}

type Layout = {
  readonly idColumn: number
  readonly sizeColumn: number
  readonly timeColumn: number
  readonly ttlColumn: number
  readonly delimiter: number
  readonly hasHeader: boolean
  readonly idIsNumber: boolean
}

const noColumn = -1
const quote = 0x22
const id: Halves = { low: 0, high: 0 }

function layoutOf(parameters: FormatParameters): Layout {
  const column = (name: string): number => {
    const text = parameters[name]
    if (text === undefined) return noColumn
    if (/^[1-9]\d{0,3}$/.test(text)) return Number(text) - 1
    throw wrongParameter(`${name} is "${text}"; expected a column counted from 1`)
  }
  const flag = (name: string): boolean => /^(true|1|yes)$/i.test(parameters[name] ?? '')
  const idColumn = column('obj-id-col')
  if (idColumn === noColumn)
    throw wrongParameter('a csv trace needs --trace-type-params with obj-id-col=, counted from 1')
  const delimiter = (parameters.delimiter ?? ',').replace('\\t', '\t')
  if (delimiter.length !== 1) throw wrongParameter('delimiter is not one character')
  return {
    idColumn,
    sizeColumn: column('obj-size-col'),
    timeColumn: column('time-col'),
    ttlColumn: column('ttl-col'),
    delimiter: delimiter.charCodeAt(0),
    hasHeader: flag('has-header'),
    idIsNumber: flag('obj-id-is-num'),
  }
}

function wrongParameter(problem: string): TraceError {
  return new TraceError('TRACE_UNREADABLE', problem, { offsetBytes: 0, record: 0 })
}

function addLine(
  line: Buffer,
  to: { readonly layout: Layout; readonly columns: TraceColumns; readonly offsetBytes: number },
): void {
  const { layout, columns, offsetBytes } = to
  const position = { offsetBytes, record: columns.records }
  const number = (column: number, name: string): number => {
    const text = fieldOf(line, layout.delimiter, column)?.toString('latin1').trim()
    const value = text === undefined || text === '' ? Number.NaN : Math.floor(Number(text))
    if (value >= 0 && value < 2 ** 32) return value
    const problem = `${name} in column ${column + 1} is "${text ?? ''}"; expected a number from 0 to below 2^32`
    throw new TraceError('TRACE_CORRUPT', problem, position)
  }
  const key = fieldOf(line, layout.delimiter, layout.idColumn)
  if (key === undefined)
    throw new TraceError('TRACE_CORRUPT', `a line has no column ${layout.idColumn + 1}`, position)
  if (!layout.idIsNumber) hashKey(key, id)
  else if (!readDigits(key, id)) {
    const problem = `the id in column ${layout.idColumn + 1} is "${key.toString('latin1')}"; expected a number below 2^64`
    throw new TraceError('TRACE_CORRUPT', problem, position)
  }
  const { low, high } = id
  const bytes = layout.sizeColumn === noColumn ? 1 : number(layout.sizeColumn, 'the size')
  const atSeconds = layout.timeColumn === noColumn ? 0 : number(layout.timeColumn, 'the time')
  const ttlSeconds = layout.ttlColumn === noColumn ? 0 : number(layout.ttlColumn, 'the ttl')
  columns.add(low, high, bytes, atSeconds, ttlSeconds)
}

/** A field without its quotes, within which a delimiter is text; undefined where the line has fewer. */
function fieldOf(line: Buffer, delimiter: number, column: number): Buffer | undefined {
  let start = 0
  for (let index = 0; ; index++) {
    const quoted = line[start] === quote
    const from = quoted ? closingQuote(line, start + 1) : start
    const end = line.indexOf(delimiter, from)
    if (index === column) {
      const field = line.subarray(start, end === -1 ? line.length : end)
      return quoted
        ? Buffer.from(field.toString('latin1').slice(1, -1).replaceAll('""', '"'), 'latin1')
        : field
    }
    if (end === -1) return undefined
    start = end + 1
  }
}

function closingQuote(line: Buffer, from: number): number {
  for (let index = from; index < line.length; index++) {
    if (line[index] !== quote) continue
    if (line[index + 1] !== quote) return index
    index++
  }
  return line.length
}
