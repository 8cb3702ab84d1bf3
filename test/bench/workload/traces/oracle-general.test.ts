import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shippedTraces } from '../../../../bench/workload/traces/index.ts'
import { loadDenseTrace } from '../../../../bench/workload/traces/load-dense-trace.ts'
import { loadTrace } from '../../../../bench/workload/traces/recorded-trace.ts'
import type { TraceError } from '../../../../bench/workload/traces/trace-error.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'erji-trace-'))
})
afterAll(() => rm(directory, { recursive: true }))

// a b a, with ids that a double cannot tell apart; the next access to a is request 3.
const [a, b] = [2n ** 63n + 1n, 2n ** 63n + 2n]
const small = Buffer.concat([request(10, a, 1, 3n), request(11, b, 2, -1n), request(12, a, 1, -1n)])

describe('a small trace', () => {
  test.each([
    ['plain.bin', (bytes: Buffer) => bytes],
    ['small.bin.gz', gzipSync],
    ['small.bin.zst', zstdCompressSync],
  ])('%s is read request by request', async (name, compress) => {
    const { trace } = await loadDenseTrace(await written(name, compress(small)))
    expect(trace).toEqual({
      requests: 3,
      objects: 2,
      objectOf: Uint32Array.of(0, 1, 0),
      bytesOf: Uint32Array.of(1, 2, 1),
      atSecondsOf: Uint32Array.of(10, 11, 12),
    })
  })

  test('requests that cross the chunks of a long file are whole', async () => {
    const count = 50_000
    const many = Buffer.concat(
      Array.from({ length: count }, (_, index) => request(index, BigInt(index % 999), 1, 0n)),
    )
    const { requests, objects } = await loadTrace(await written('long.bin', many))
    expect(objects).toBe(999)
    expect(requests).toEqual(Uint32Array.from({ length: count }, (_, index) => index % 999))
  })

  test('an empty trace has no requests', async () => {
    expect(await loadTrace(await written('empty.bin', Buffer.alloc(0)))).toEqual({
      requests: new Uint32Array(0),
      objects: 0,
    })
  })
})

describe('a trace that cannot be used', () => {
  test('one that ends within a request names the record and the byte', async () => {
    const error = await failureOf(await written('cut.bin', small.subarray(0, 60)))
    expect(error).toMatchObject({ code: 'TRACE_TRUNCATED', position: { record: 2, offsetBytes: 60 } })
    expect(error.message).toContain('record 2, byte 60')
  })

  test.each([
    ['cut.bin.gz', gzipSync],
    ['cut.bin.zst', zstdCompressSync],
  ])('%s that ends within its compressed data is truncated', async (name, compress) => {
    const error = await failureOf(await written(name, compress(small).subarray(0, -6)))
    expect(error).toMatchObject({ name: 'TraceError', code: 'TRACE_TRUNCATED' })
  })

  test('one whose next access lies in the past is corrupt', async () => {
    const bytes = Buffer.concat([request(1, a, 1, -1n), request(1, b, 1, 2n)])
    const error = await failureOf(await written('past.bin', bytes))
    expect(error).toMatchObject({ code: 'TRACE_CORRUPT', position: { record: 1, offsetBytes: 24 } })
  })

  test('one whose compressed data is damaged is corrupt', async () => {
    const error = await failureOf(await written('damaged.bin.zst', Buffer.from('this is no Zstandard frame')))
    expect(error.code).toBe('TRACE_CORRUPT')
  })

  test.each(['missing.bin', 'missing.bin.zst'])('%s, which is not there, is unreadable', async (name) => {
    const error = await failureOf(join(directory, name))
    expect(error).toMatchObject({ code: 'TRACE_UNREADABLE', message: expect.stringContaining('ENOENT') })
  })

  test('one longer than its bound is refused', async () => {
    const file = await written('bounded.bin', small)
    await expect(loadTrace(file, { requestsMax: 2 })).rejects.toMatchObject({ code: 'TRACE_UNREADABLE' })
    expect((await loadTrace(file, { requestsMax: 3 })).requests).toEqual(Uint32Array.of(0, 1, 0))
  })
})

describe('the trace that comes with the harness', () => {
  test('it has 76,118 requests for 20,484 objects', async () => {
    const { requests, objects } = await loadTrace(shippedTraces.web07)
    expect(requests.length).toBe(76_118)
    expect(objects).toBe(20_484)
    expect(new Set(requests).size).toBe(objects)
  })
})

function request(clockSeconds: number, id: bigint, sizeBytes: number, nextAccess: bigint): Buffer {
  const bytes = Buffer.alloc(24)
  bytes.writeUInt32LE(clockSeconds, 0)
  bytes.writeBigUInt64LE(id, 4)
  bytes.writeUInt32LE(sizeBytes, 12)
  bytes.writeBigInt64LE(nextAccess, 16)
  return bytes
}

async function written(name: string, bytes: Buffer): Promise<string> {
  const file = join(directory, name)
  await writeFile(file, bytes)
  return file
}

async function failureOf(file: string): Promise<TraceError> {
  return loadTrace(file).then(
    () => expect.unreachable('the trace was read'),
    (error: TraceError) => error,
  )
}
