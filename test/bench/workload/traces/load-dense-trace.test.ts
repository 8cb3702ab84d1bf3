import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { type LoadTraceOptions, loadDenseTrace } from '../../../../bench/workload/traces/load-dense-trace.ts'
import type { TraceError } from '../../../../bench/workload/traces/trace-error.ts'
import { writeTrace } from '../../../../bench/workload/traces/write-trace.ts'

const directory = mkdtempSync(join(tmpdir(), 'erji-formats-'))
afterAll(() => rmSync(directory, { recursive: true }))

describe('each format is told by its name and read', () => {
  test('lcs, by its magic number too, with as many requests as its header says', async () => {
    const bytes = Buffer.concat([lcsHeader(1n, 2n), record(7n, 30), record(9n, 40)])
    for (const name of ['a.lcs', 'nameless']) {
      const { trace, format } = await load(name, bytes)
      expect(format).toBe('lcs')
      expect([...trace.objectOf]).toEqual([0, 1])
      expect([...(trace.bytesOf ?? [])]).toEqual([30, 40])
    }
    expect(await failure('short.lcs', Buffer.concat([lcsHeader(1n, 3n), record(7n, 1)]))).toMatchObject({
      code: 'TRACE_TRUNCATED',
      message: expect.stringContaining('the trace has 1 requests; its header says 3'),
    })
    expect(String(await failure('v2.lcs', lcsHeader(2n, 0n)))).toContain('version is 2')
    expect(await failure('cut.lcs', lcsHeader(1n, 0n).subarray(0, 90))).toMatchObject({
      code: 'TRACE_TRUNCATED',
    })
  })

  test('csv with named columns, a header, quotes and a delimiter of its own', async () => {
    const text = 'size;when;key\r\n10;5;"a;b"\r\n20;6;c\r\n10;7;"a;b"\r\n'
    const parameters = {
      'obj-size-col': '1',
      'time-col': '2',
      'obj-id-col': '3',
      delimiter: ';',
      'has-header': 'true',
    }
    const { trace } = await load('a.csv', text, { parameters })
    expect([...trace.objectOf]).toEqual([0, 1, 0])
    expect([...(trace.bytesOf ?? [])]).toEqual([10, 20, 10])
    expect([...(trace.atSecondsOf ?? [])]).toEqual([5, 6, 7])
  })

  test('csv ids that are numbers are told apart beyond 2^53', async () => {
    const parameters = { 'obj-id-col': '1', 'obj-id-is-num': 'true' }
    const text = '18446744073709551614\n18446744073709551615\n018446744073709551614\n'
    const { trace } = await load('n.csv', text.replace('\n0', '\n'), { parameters })
    expect([...trace.objectOf]).toEqual([0, 1, 0])
    expect(await failure('x.csv', '1\n2\nthree\n', { parameters })).toMatchObject({
      code: 'TRACE_CORRUPT',
      position: { record: 2, offsetBytes: 4 },
    })
  })

  test('txt, arc, cache2k and u32', async () => {
    expect((await load('a.txt', 'x\ny\nx\n')).trace.objectOf).toEqual(Uint32Array.of(0, 1, 0))
    expect((await load('a.lis', '5 3 0 1\n6 1 0 2\n')).trace.objectOf).toEqual(Uint32Array.of(0, 1, 2, 1))
    const words = Buffer.from([0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1])
    for (const name of ['a.trace', 'a.u32'])
      expect((await load(name, words)).trace.objectOf).toEqual(Uint32Array.of(0, 1, 0))
    expect(await failure('bad.lis', '5 3 0 1\nfive\n')).toMatchObject({
      position: { record: 3, offsetBytes: 8 },
    })
    expect(await failure('cut.u32', words.subarray(0, 6))).toMatchObject({
      code: 'TRACE_TRUNCATED',
      position: { record: 1, offsetBytes: 6 },
    })
  })

  test('Twitter csv, whose keys may hold commas and whose ttl lasts until it is set again', async () => {
    const text = '10,a,b,3,7,1,set,60\n11,c,1,1,1,get,0\n12,a,b,3,7,1,get,0\n'
    const { trace, format } = await load('cluster.csv', text)
    expect(format).toBe('twitter')
    expect([...trace.objectOf]).toEqual([0, 1, 0])
    expect([...(trace.bytesOf ?? [])]).toEqual([10, 2, 10])
    expect([...(trace.ttlSecondsOf ?? [])]).toEqual([60, 0, 60])
  })
})

test('a trace of several Zstandard frames or gzip members is read to its end', async () => {
  const part = (from: number): Buffer =>
    Buffer.from(Uint32Array.from({ length: 9000 }, (_, i) => from + i).buffer)
  for (const [name, compress] of [
    ['f.u32.zst', zstdCompressSync],
    ['f.u32.gz', gzipSync],
  ] as const) {
    const frames = [0, 9000, 18_000].map((from) => compress(part(from)))
    const { trace } = await load(name, Buffer.concat(frames))
    expect(trace.objects).toBe(27_000)
    const cut = await failure(`cut.${name}`, Buffer.concat(frames).subarray(0, -9))
    expect(cut.code).toBe('TRACE_TRUNCATED')
  }
})

test('requests for objects of no bytes are left out and counted', async () => {
  const { trace, skipped } = await load('z.bin', Buffer.concat([record(1n, 0), record(2n, 5), record(1n, 0)]))
  expect(trace.requests).toBe(1)
  expect(skipped).toBe(2)
})

test('columns nobody asked for are not kept', async () => {
  const { trace } = await load('w.bin', record(1n, 3), { without: { sizes: true, times: true } })
  expect(Object.keys(trace)).toEqual(['requests', 'objects', 'objectOf'])
})

test('what was written is read again, compressed or not', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat({ max: 20 }), fc.integer({ min: 1, max: 2 ** 32 - 1 })), { maxLength: 60 }),
      fc.constantFrom('t.oracleGeneral.bin', 't.oracleGeneral.bin.zst', 't.oracleGeneral.bin.gz'),
      async (requests, name) => {
        const csv = requests.map(([id, size]) => `${id},${size}`).join('\n')
        const parameters = { 'obj-id-col': '1', 'obj-size-col': '2' }
        const { trace } = await load('from.csv', csv, { parameters })
        await writeTrace(trace, { file: join(directory, name), format: 'oracleGeneral' })
        const again = await loadDenseTrace(join(directory, name), { without: { times: true } })
        expect(again.trace).toEqual(trace)
      },
    ),
    { numRuns: 30 },
  )
})

test('a file of no known format, an xz file and a foreign parameter are refused in words', async () => {
  expect(String(await failure('what.ever', 'hm'))).toContain('name it with --format, one of erji, lcs')
  expect(String(await failure('a.trace.xz', 'hm'))).toContain('decompress it first')
  expect(String(await failure('a.u32', '', { parameters: { 'obj-id-col': '1' } }))).toContain(
    'has no parameter "obj-id-col"',
  )
  expect(String(await failure('a.csv', '1\n'))).toContain('obj-id-col=')
})

function load(name: string, content: Buffer | string, options: LoadTraceOptions = {}) {
  const file = join(directory, name)
  writeFileSync(file, content)
  return loadDenseTrace(file, options)
}

async function failure(
  name: string,
  content: Buffer | string,
  options: LoadTraceOptions = {},
): Promise<TraceError> {
  return load(name, content, options).then(
    () => expect.unreachable('the trace was read'),
    (error: TraceError) => error,
  )
}

function record(id: bigint, sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(24)
  bytes.writeBigUInt64LE(id, 4)
  bytes.writeUInt32LE(sizeBytes, 12)
  return bytes
}

function lcsHeader(version: bigint, requests: bigint): Buffer {
  const bytes = Buffer.alloc(8192)
  bytes.writeBigUInt64LE(0x123456789abcdef0n, 0)
  bytes.writeBigUInt64LE(version, 8)
  bytes.writeBigInt64LE(requests, 24)
  return bytes
}
