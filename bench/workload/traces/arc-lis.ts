import { readLines } from './text-lines.ts'
import { TraceError } from './trace-error.ts'
import { onlyObjects, type TraceFormat } from './trace-format.ts'

/** The traces of the ARC paper (Megiddo, Modha, FAST 2003): `start count ignored sequence`, one line for `count` blocks. */
export const arcLis: TraceFormat = {
  matches: ({ name }) => name.endsWith('.lis'),
  parameters: [],
  columns: () => onlyObjects,
  read: (bytes, columns) =>
    readLines(bytes, (line, offsetBytes) => {
      const [, start, count] = /^\s*(\d+)\s+(\d+)(?:\s+\d+){0,2}\s*$/.exec(line.toString('latin1')) ?? []
      const last = Number(start) + Number(count)
      if (!(last <= Number.MAX_SAFE_INTEGER)) {
        const problem = 'a line is not "start count ignored sequence" in whole numbers'
        throw new TraceError('TRACE_CORRUPT', problem, { offsetBytes, record: columns.records })
      }
      for (let block = Number(start); block < last; block++)
        columns.add(block % 2 ** 32, Math.floor(block / 2 ** 32), 1, 0, 0)
    }),
}
