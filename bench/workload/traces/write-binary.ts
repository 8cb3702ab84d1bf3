import type { DenseTrace } from './dense-trace.ts'
import { TraceError } from './trace-error.ts'

const batchRequests = 32_768

/**
 * libCacheSim's oracleGeneral: 24 bytes a request, as `oracle-general.ts` reads them. The next accesses are found by one
 * pass from the end, whatever the trace was read from.
 */
export function* writeOracle(trace: DenseTrace): Generator<Buffer> {
  const { requests, objectOf, bytesOf, atSecondsOf, idHalves } = trace
  const nextOf = nextAccesses(trace)
  for (let from = 0; from < requests; from += batchRequests) {
    const to = Math.min(from + batchRequests, requests)
    const bytes = Buffer.alloc(24 * (to - from))
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let request = from, offset = 0; request < to; request++, offset += 24) {
      const object = objectOf[request] as number
      const next = nextOf[request] as number
      view.setUint32(offset, atSecondsOf?.[request] ?? 0, true)
      view.setUint32(offset + 4, idHalves?.[2 * object] ?? object, true)
      view.setUint32(offset + 8, idHalves?.[2 * object + 1] ?? 0, true)
      view.setUint32(offset + 12, bytesOf?.[request] ?? 1, true)
      view.setUint32(offset + 16, next === never ? never : next + 1, true)
      view.setInt32(offset + 20, next === never ? -1 : 0, true)
    }
    yield bytes
  }
}

/** libCacheSim's lcs, version 1: a header of 8,192 bytes with statistics, then requests as in oracleGeneral. */
export function* writeLcs(trace: DenseTrace): Generator<Buffer> {
  const header = Buffer.alloc(lcsHeaderBytes)
  const { requests, objects, atSecondsOf } = trace
  header.writeBigUInt64LE(lcsMagic, 0)
  header.writeBigUInt64LE(1n, 8)
  // The version of the statistics, then requests, objects, their bytes, and the first and last time.
  const { requestBytes, objectBytes } = totalBytes(trace)
  const first = atSecondsOf?.[0] ?? 0
  const last = atSecondsOf?.[requests - 1] ?? 0
  for (const [place, fact] of [1, requests, objects, requestBytes, objectBytes, first, last].entries())
    header.writeBigInt64LE(BigInt(fact), 16 + 8 * place)
  header.writeBigUInt64LE(lcsMagic, lcsHeaderBytes - 8)
  yield header
  yield* writeOracle(trace)
}

const lcsMagic = 0x123456789abcdef0n
const lcsHeaderBytes = 8192

/** Ids of four bytes and nothing else. @throws TraceError for an id of more bits. */
export function writeBinaryIds({ littleEndian }: { readonly littleEndian: boolean }) {
  return function* (trace: DenseTrace): Generator<Buffer> {
    const { requests, objectOf, idHalves } = trace
    for (let from = 0; from < requests; from += batchRequests) {
      const to = Math.min(from + batchRequests, requests)
      const bytes = Buffer.alloc(4 * (to - from))
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      for (let request = from; request < to; request++) {
        const object = objectOf[request] as number
        if ((idHalves?.[2 * object + 1] ?? 0) !== 0) throw idTooLarge(request)
        view.setUint32(4 * (request - from), idHalves?.[2 * object] ?? object, littleEndian)
      }
      yield bytes
    }
  }
}

function idTooLarge(record: number): TraceError {
  const problem = 'the format holds ids of 32 bits and this one has more; --renumber gives objects new ids'
  return new TraceError('TRACE_UNREADABLE', problem, { offsetBytes: 4 * record, record })
}

/** Also the lower half of −1. */
const never = 2 ** 32 - 1

function nextAccesses({ requests, objects, objectOf }: DenseTrace): Uint32Array {
  const seenAt = new Uint32Array(objects).fill(never)
  const nextOf = new Uint32Array(requests)
  for (let request = requests - 1; request >= 0; request--) {
    const object = objectOf[request] as number
    nextOf[request] = seenAt[object] as number
    seenAt[object] = request
  }
  return nextOf
}

/** Bytes of all requests, and of all objects as large as at their first. */
function totalBytes({ requests, objectOf, bytesOf }: DenseTrace): {
  readonly requestBytes: number
  readonly objectBytes: number
} {
  let requestBytes = 0
  let objectBytes = 0
  let seen = 0
  for (let request = 0; request < requests; request++) {
    const bytes = bytesOf?.[request] ?? 1
    requestBytes += bytes
    // Objects are numbered in the order of their first request.
    if (objectOf[request] !== seen) continue
    objectBytes += bytes
    seen++
  }
  return { requestBytes, objectBytes }
}
