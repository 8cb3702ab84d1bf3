import { accessTraceHead } from '../../../src/support/access-trace-format.ts'
import type { DenseTrace } from './dense-trace.ts'
import { TraceError } from './trace-error.ts'

/** One id a line, in decimal. */
export function writeText(trace: DenseTrace): Iterable<Buffer> {
  return lines(trace, (request) => String(idOf(trace, request)))
}

/** `time,obj_id,obj_size`, with the TTL behind where the trace has one, under a line that names them. */
export function writeCsv(trace: DenseTrace): Iterable<Buffer> {
  const { ttlSecondsOf } = trace
  const head = `time,obj_id,obj_size${ttlSecondsOf === undefined ? '' : ',ttl'}`
  return lines(
    trace,
    (request) => {
      const line = `${secondsAt(trace, request)},${idOf(trace, request)},${bytesAt(trace, request)}`
      return ttlSecondsOf === undefined ? line : `${line},${ttlSecondsOf[request]}`
    },
    head,
  )
}

/** Twitter's columns: all bytes of an object count as its value's, every operation is a get. */
export function writeTwitter(trace: DenseTrace): Iterable<Buffer> {
  return lines(trace, (request) => {
    const ttlSeconds = trace.ttlSecondsOf?.[request] ?? 0
    return `${secondsAt(trace, request)},${idOf(trace, request)},0,${bytesAt(trace, request)},0,get,${ttlSeconds}`
  })
}

/** What `erji serve --access-trace` writes, every outcome a miss: the trace does not say what was kept where. */
export function writeErji(trace: DenseTrace): Iterable<Buffer> {
  return lines(
    trace,
    (request) => {
      const ttlSeconds = trace.ttlSecondsOf?.[request] ?? 0
      return `${secondsAt(trace, request)}000,${bytesAt(trace, request)},${ttlSeconds},miss,${idOf(trace, request)}`
    },
    accessTraceHead,
  )
}

/** The ARC paper's `start count ignored sequence`: ids that follow each other go into one line. */
export function* writeArc(trace: DenseTrace): Generator<Buffer> {
  let line: { start: bigint; count: bigint } | undefined
  let sequence = 0
  let pending: string[] = []
  for (let request = 0; request < trace.requests; request++) {
    const id = idOf(trace, request)
    if (id > BigInt(Number.MAX_SAFE_INTEGER)) throw blockTooLarge(id, request)
    if (line !== undefined && id === line.start + line.count) {
      line.count++
      continue
    }
    if (line !== undefined) pending.push(`${line.start} ${line.count} 0 ${sequence++}\n`)
    line = { start: id, count: 1n }
    if (pending.length < linesMax) continue
    yield Buffer.from(pending.join(''))
    pending = []
  }
  if (line !== undefined) pending.push(`${line.start} ${line.count} 0 ${sequence}\n`)
  yield Buffer.from(pending.join(''))
}

const linesMax = 8192

function blockTooLarge(id: bigint, record: number): TraceError {
  const problem = `block ${id} is beyond 2^53, which the format's readers cannot hold; --renumber gives objects new ids`
  return new TraceError('TRACE_UNREADABLE', problem, { offsetBytes: 0, record })
}

function* lines(trace: DenseTrace, lineOf: (request: number) => string, head?: string): Generator<Buffer> {
  if (head !== undefined) yield Buffer.from(`${head}\n`)
  for (let from = 0; from < trace.requests; from += linesMax) {
    const to = Math.min(from + linesMax, trace.requests)
    let text = ''
    for (let request = from; request < to; request++) text += `${lineOf(request)}\n`
    yield Buffer.from(text)
  }
}

function idOf({ objectOf, idHalves }: DenseTrace, request: number): bigint {
  const object = objectOf[request] as number
  if (idHalves === undefined) return BigInt(object)
  return (BigInt(idHalves[2 * object + 1] as number) << 32n) | BigInt(idHalves[2 * object] as number)
}

function bytesAt({ bytesOf }: DenseTrace, request: number): number {
  return bytesOf?.[request] ?? 1
}

function secondsAt({ atSecondsOf }: DenseTrace, request: number): number {
  return atSecondsOf?.[request] ?? 0
}
