import { readFixedRecords } from './fixed-records.ts'
import { decodeOracleRecords } from './oracle-general.ts'
import { TraceError } from './trace-error.ts'
import type { TraceFormat } from './trace-format.ts'

/** libCacheSim's lcs, version 1: a header of 8,192 bytes that counts the requests, then those of oracleGeneral. */
export const lcs: TraceFormat = {
  matches: ({ name, head }) =>
    name.endsWith('.lcs') || (head.length >= 8 && head.readBigUInt64LE(0) === startMagic),
  parameters: [],
  columns: () => ({ sizes: true, times: true, ttls: false }),
  recordBytes: 24,
  async read(bytes, columns) {
    let promised = 0n
    await readFixedRecords(bytes, {
      recordBytes: 24,
      headerBytes,
      checkHeader(header) {
        promised = header.readBigInt64LE(requestsOffset)
        checkVersion(header)
      },
      decode: (view, record) => decodeOracleRecords(view, columns, { record, headerBytes }),
    })
    if (promised > 0n && promised !== BigInt(columns.records)) {
      const problem = `the trace has ${columns.records} requests; its header says ${promised}`
      const position = { offsetBytes: bytes.offsetBytes, record: columns.records }
      throw new TraceError('TRACE_TRUNCATED', problem, position)
    }
  },
}

const startMagic = 0x123456789abcdef0n
const headerBytes = 8192

// After the magic number, the version and the version of the statistics.
const requestsOffset = 24

function checkVersion(header: Buffer): void {
  const position = { offsetBytes: 0, record: 0 }
  if (header.readBigUInt64LE(0) !== startMagic)
    throw new TraceError('TRACE_CORRUPT', 'the trace does not begin as an lcs file does', position)
  const version = header.readBigUInt64LE(8)
  if (version !== 1n)
    throw new TraceError('TRACE_UNREADABLE', `the lcs version is ${version}; only 1 can be read`, position)
}
