import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { UsageError } from '../../../../bench/cli/flags.ts'
import { convertTraceFlags, generateTraceFlags } from '../../../../bench/commands/simulate-options.ts'
import { runTraceConvert, runTraceGenerate } from '../../../../bench/commands/trace.ts'
import type { DenseTrace } from '../../../../bench/workload/traces/dense-trace.ts'
import { type TraceFormatName, traceFormatNames } from '../../../../bench/workload/traces/formats.ts'
import { loadDenseTrace } from '../../../../bench/workload/traces/load-dense-trace.ts'
import { TraceColumns } from '../../../../bench/workload/traces/trace-columns.ts'
import { writeTrace } from '../../../../bench/workload/traces/write-trace.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'erji-traces-'))
})
afterAll(() => rm(directory, { recursive: true }))

const context = { command: [], signal: new AbortController().signal, stream: process.stderr }
const csvParameters = {
  'time-col': '1',
  'obj-id-col': '2',
  'obj-size-col': '3',
  'ttl-col': '4',
  'has-header': 'true',
  'obj-id-is-num': 'true',
}

/** What a format keeps of a request beside its object. */
const kept: Readonly<
  Record<TraceFormatName, { sizes: boolean; times: boolean; ttls: boolean; ids: boolean }>
> = {
  erji: { sizes: true, times: true, ttls: true, ids: false },
  lcs: { sizes: true, times: true, ttls: false, ids: true },
  oracleGeneral: { sizes: true, times: true, ttls: false, ids: true },
  twitter: { sizes: true, times: true, ttls: true, ids: false },
  csv: { sizes: true, times: true, ttls: true, ids: true },
  txt: { sizes: false, times: false, ttls: false, ids: false },
  arc: { sizes: false, times: false, ttls: false, ids: true },
  cache2k: { sizes: false, times: false, ttls: false, ids: true },
  u32: { sizes: false, times: false, ttls: false, ids: true },
}

describe.each(traceFormatNames)('%s', (format) => {
  test.each(['', '.gz', '.zst'])('reads back what was written, compressed as "%s" says', async (ending) => {
    const trace = exampleTrace({ idBits: format === 'u32' || format === 'cache2k' ? 32 : 40 })
    const file = join(directory, `example-${format}.bin${ending}`)
    await writeTrace(trace, { file, format })
    const parameters = format === 'csv' ? { parameters: csvParameters } : {}
    const read = (await loadDenseTrace(file, { format, ids: kept[format].ids, ...parameters })).trace
    expect(Array.from(read.objectOf)).toEqual(Array.from(trace.objectOf))
    if (kept[format].sizes) expect(read.bytesOf).toEqual(trace.bytesOf)
    if (kept[format].times) expect(read.atSecondsOf).toEqual(trace.atSecondsOf)
    if (kept[format].ttls) expect(read.ttlSecondsOf).toEqual(trace.ttlSecondsOf)
    if (kept[format].ids) expect(read.idHalves).toEqual(trace.idHalves)
  })
})

test('a trace goes through every format that keeps its requests and comes back the same', async () => {
  const path = (name: string): string => join(directory, name)
  const generate = { distribution: 'zipfian', requests: '5000', objects: '700', out: path('a.lis.gz') }
  await runTraceGenerate(generateTraceFlags.parse(generate), context)
  const chain = ['a.lis.gz', 'b.u32', 'c.trace.zst', 'd.lcs', 'e.oracleGeneral.bin.zst', 'f.lis']
  for (const [place, name] of chain.slice(1).entries())
    await runTraceConvert(convertTraceFlags.parse({}), context, [path(chain[place] ?? ''), path(name)])
  const first = (await loadDenseTrace(path('a.lis.gz'))).trace
  expect((await loadDenseTrace(path('f.lis'))).trace.objectOf).toEqual(first.objectOf)
})

test('ids that a format cannot hold are refused by record, and no file is left', async () => {
  const source = join(directory, 'wide.oracleGeneral.bin')
  await writeTrace(exampleTrace({ idBits: 64 }), { file: source, format: 'oracleGeneral' })
  for (const name of ['narrow.u32', 'narrow.lis']) {
    const target = join(directory, name)
    const error = await runTraceConvert(convertTraceFlags.parse({}), context, [source, target]).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(UsageError)
    expect(String(error)).toContain('--renumber gives objects new ids (record 0')
    expect(await readdir(directory)).not.toContain(name)
    await runTraceConvert(convertTraceFlags.parse({ renumber: true }), context, [source, target])
    expect((await loadDenseTrace(target)).trace.objects).toBe(3)
  }
})

test('a truncated trace is refused and converts to nothing', async () => {
  const whole = join(directory, 'whole.u32')
  await writeTrace(exampleTrace({ idBits: 32 }), { file: whole, format: 'u32' })
  const cut = join(directory, 'cut.u32')
  await writeFile(cut, (await readFile(whole)).subarray(0, -1))
  const target = join(directory, 'cut.txt')
  const error = await runTraceConvert(convertTraceFlags.parse({}), context, [cut, target]).catch(String)
  expect(error).toContain('ends within a request: 3 of 4 bytes (record 4, byte 19 uncompressed)')
  expect(await readdir(directory)).not.toContain('cut.txt')
})

test('a name that tells no format and a wrong number of files are usage errors', async () => {
  const convert = (...files: string[]) => runTraceConvert(convertTraceFlags.parse({}), context, files)
  await expect(convert('a.u32')).rejects.toThrow('1 files were named; expected two')
  await expect(convert('a.u32', 'b.unknown')).rejects.toThrow('the name "b.unknown" tells no format')
})

/** Three objects asked for five times, each with a size, a time and a ttl. */
function exampleTrace({ idBits }: { readonly idBits: number }): DenseTrace {
  const columns = new TraceColumns({ sizes: true, times: true, ttls: true, ids: true })
  const high = 2 ** Math.max(0, idBits - 32) - 1
  for (const [request, low] of [7, 8, 7, 4_000_000_000, 8].entries())
    columns.add(low, high, 50 + (low % 10), 100 + request, 60)
  return columns.finish()
}
