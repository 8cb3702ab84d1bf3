import { readFixedRecords } from './fixed-records.ts'
import { onlyObjects, type TraceFormat } from './trace-format.ts'

/** Ids of four bytes and nothing else, little-endian. */
export const u32 = integers({ endings: ['.u32'], littleEndian: true })

/** The traces of the cache2k project: ids of four bytes, big-endian. */
export const cache2k = integers({ endings: ['.trace'], littleEndian: false })

function integers(options: {
  readonly endings: readonly string[]
  readonly littleEndian: boolean
}): TraceFormat {
  const { endings, littleEndian } = options
  return {
    matches: ({ name }) => endings.some((ending) => name.endsWith(ending)),
    parameters: [],
    columns: () => onlyObjects,
    recordBytes: 4,
    read: (bytes, columns) =>
      readFixedRecords(bytes, {
        recordBytes: 4,
        decode(view) {
          for (let offset = 0; offset < view.byteLength; offset += 4)
            columns.add(view.getUint32(offset, littleEndian), 0, 1, 0, 0)
        },
      }),
  }
}
