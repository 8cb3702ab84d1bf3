import { type Halves, hashKey } from './text-ids.ts'
import { readLines } from './text-lines.ts'
import { onlyObjects, type TraceFormat } from './trace-format.ts'

/** One key a line, whatever it is made of. */
export const txt: TraceFormat = {
  matches: ({ name }) => name.endsWith('.txt'),
  parameters: [],
  columns: () => onlyObjects,
  read(bytes, columns) {
    const id: Halves = { low: 0, high: 0 }
    return readLines(bytes, (line) => {
      hashKey(line, id)
      columns.add(id.low, id.high, 1, 0, 0)
    })
  },
}
