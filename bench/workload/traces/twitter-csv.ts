import { type Halves, hashKey } from './text-ids.ts'
import { readLines } from './text-lines.ts'
import { TraceError } from './trace-error.ts'
import type { TraceFormat } from './trace-format.ts'

/** Twitter's production traces: `timestamp,key,key size,value size,client id,operation,TTL`; an object has key and value bytes. */
export const twitterCsv: TraceFormat = {
  matches: ({ name, head }) => /\.(?:csv|sort)$/.test(name) && firstLine.test(head.toString('latin1')),
  parameters: [],
  columns: () => ({ sizes: true, times: true, ttls: true }),
  read(bytes, columns) {
    const id: Halves = { low: 0, high: 0 }
    return readLines(bytes, (line, offsetBytes) => {
      // A key may hold commas: it is what lies between the first and the last five.
      const fields = /^(\d+),(.*),(\d+),(\d+),\d+,[a-z_]+,(\d+)$/.exec(line.toString('latin1'))
      if (fields === null) {
        const problem =
          'a line is not "timestamp,key,key size,value size,client id,operation,TTL" as in Twitter\'s traces'
        throw new TraceError('TRACE_CORRUPT', problem, { offsetBytes, record: columns.records })
      }
      const [, atSeconds, key = '', keyBytes, valueBytes, ttlSeconds] = fields
      hashKey(Buffer.from(key, 'latin1'), id)
      const sizeBytes = Number(keyBytes) + Number(valueBytes)
      columns.add(id.low, id.high, sizeBytes, Number(atSeconds), Number(ttlSeconds))
    })
  },
}

const firstLine = /^\d+,[^\n]*,\d+,\d+,\d+,[a-z_]+,\d+\r?(?:\n|$)/
