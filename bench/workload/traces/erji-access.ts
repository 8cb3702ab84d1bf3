import { accessTraceHead } from '../../../src/support/access-trace-format.ts'
import { type Halves, hashKey } from './text-ids.ts'
import { readLines } from './text-lines.ts'
import { TraceError } from './trace-error.ts'
import type { TraceFormat } from './trace-format.ts'

/** What `erji serve --access-trace` records: `milliseconds,bytes,ttl,outcome,handle`, behind a first line that says so. */
export const erjiAccess: TraceFormat = {
  matches: ({ head }) => head.toString('latin1').startsWith(accessTraceHead),
  parameters: [],
  columns: () => ({ sizes: true, times: true, ttls: true }),
  read(bytes, columns) {
    const id: Halves = { low: 0, high: 0 }
    return readLines(bytes, (line, offsetBytes) => {
      const text = line.toString('latin1')
      if (offsetBytes === 0 && text === accessTraceHead) return
      const fields = lineForm.exec(text)
      if (fields === null) {
        const problem = 'a line is not "milliseconds,bytes,ttl,outcome,handle" as erji serve writes it'
        throw new TraceError('TRACE_CORRUPT', problem, { offsetBytes, record: columns.records })
      }
      const [, atMs, sizeBytes, ttlSeconds, key = ''] = fields
      hashKey(Buffer.from(key, 'latin1'), id)
      columns.add(id.low, id.high, Number(sizeBytes), Math.floor(Number(atMs) / 1000), Number(ttlSeconds))
    })
  },
}

const lineForm = /^(\d{1,15}),(\d{1,9}),(\d{1,10}),(?:hit|miss|negative|absent),(.+)$/
