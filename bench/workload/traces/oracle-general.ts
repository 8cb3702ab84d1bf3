import { readFixedRecords } from './fixed-records.ts'
import type { TraceColumns } from './trace-columns.ts'
import { TraceError } from './trace-error.ts'
import type { TraceFormat } from './trace-format.ts'

/**
 * libCacheSim's oracleGeneral: 24 bytes a request, little-endian, packed, without header: uint32 time, uint64 id, uint32 size,
 * int64 position of the next request for the same object, counted from 1, −1 for never.
 */
export const oracleGeneral: TraceFormat = {
  matches: ({ name }) => /oracleGeneral/i.test(name) || name.endsWith('.bin'),
  parameters: [],
  columns: () => ({ sizes: true, times: true, ttls: false }),
  recordBytes: 24,
  read: (bytes, columns) =>
    readFixedRecords(bytes, {
      recordBytes: 24,
      decode: (view, record) => decodeOracleRecords(view, columns, { record, headerBytes: 0 }),
    }),
}

/** Adds requests of 24 bytes each; the next accesses are checked and not kept, for those of a cut trace lie beyond its end. */
export function decodeOracleRecords(
  view: DataView,
  columns: TraceColumns,
  start: { readonly record: number; readonly headerBytes: number },
): void {
  let record = start.record
  for (let offset = 0; offset < view.byteLength; offset += 24, record++) {
    const nextLow = view.getUint32(offset + 16, true)
    const nextHigh = view.getInt32(offset + 20, true)
    const nextAccess = nextHigh * 2 ** 32 + nextLow
    // The request itself stands at record + 1, so what comes next is beyond; −1 and 0 say that nothing is known to come.
    if (nextAccess < -1 || (nextAccess > 0 && nextAccess <= record + 1)) {
      const problem = `the next access of a request is before it: ${nextAccess}`
      const offsetBytes = start.headerBytes + record * 24
      throw new TraceError('TRACE_CORRUPT', problem, { offsetBytes, record })
    }
    const low = view.getUint32(offset + 4, true)
    const high = view.getUint32(offset + 8, true)
    columns.add(low, high, view.getUint32(offset + 12, true), view.getUint32(offset, true), 0)
  }
}
