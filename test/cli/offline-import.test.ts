import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRecordGenerator } from '../../bench/workload/record-generator.ts'
import { lineBlocks } from '../../src/cli/line-blocks.ts'
import { importOffline, type OfflineImportOptions } from '../../src/cli/offline-import.ts'
import { parseHandle } from '../../src/identifier/handle.ts'
import { decodeRecord } from '../../src/identifier/record-encoding.ts'
import { openLevelStore } from '../../src/store/level.ts'
import { levelOptions } from '../support/level-options.ts'

let root: string
let made = 0
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'erji-offline-'))
})
afterAll(() => rm(root, { recursive: true }))

const generator = createRecordGenerator({ seed: 9, prefix: '88.1' })
const fresh = (): string => join(root, `${made++}`)

function lineOf(ordinal: number): string {
  const { handle, valuesJson } = generator.recordOf(ordinal, 0)
  return `{"handle":${JSON.stringify(handle)},"values":${valuesJson}}\n`
}

async function fileOf(lines: readonly string[], name = `${made++}.ndjson`): Promise<string> {
  const file = join(root, name)
  const text = lines.join('')
  await writeFile(file, name.endsWith('.gz') ? gzipSync(text) : text)
  return file
}

function run(change: Partial<OfflineImportOptions> & { readonly file: string; readonly directory: string }) {
  const refusals: string[] = []
  const given: OfflineImportOptions = {
    overwrite: false,
    signal: new AbortController().signal,
    settled: () => undefined,
    refused: (line, why) => refusals.push(`${line}: ${why}`),
    ...change,
  }
  return importOffline(given).then((result) => ({ result, refusals }))
}

test('records of a file, in any order, are there as registering would have left them, and counted', async () => {
  const directory = fresh()
  const file = await fileOf(
    Array.from({ length: 20_000 }, (_, ordinal) => lineOf(ordinal)),
    'all.ndjson.gz',
  )
  const { result, refusals } = await run({ file, directory })
  expect(result).toMatchObject({ created: 20_000, refused: 0, prefixesNotHomed: ['88.1'] })
  expect(refusals).toEqual([])
  const store = await openLevelStore(levelOptions(directory))
  expect([store.count('88.1'), store.countAll()]).toEqual([20_000, 20_000])
  for (let ordinal = 0; ordinal < 20_000; ordinal += 97) {
    const { handle, valuesJson } = generator.recordOf(ordinal, 0)
    const record = decodeRecord(store.get(parseHandle(handle).key) ?? new Uint8Array())
    expect(record.handle).toBe(handle)
    expect(record.values.map(({ type }) => type)).toEqual(
      JSON.parse(valuesJson).map(({ type }: { type: string }) => type),
    )
  }
  await store.close()
})

test('what is there already is told apart: the same, another, and another with overwrite', async () => {
  const directory = fresh()
  const lines = [lineOf(1), lineOf(2), lineOf(1), '\n', 'no json\n', '{"values":[]}\n']
  const changed = lineOf(2).replace('"URL"', '"OTHER"')
  const file = await fileOf([...lines, changed])
  const first = await run({ file, directory })
  expect(first.result).toMatchObject({ created: 2, identical: 1, replaced: 0, refused: 3 })
  expect(first.refusals).toEqual([
    '7: the handle exists with other values',
    expect.stringMatching(/^5: the line is not JSON/),
    '6: handle is missing; expected text',
  ])
  const again = await run({ file, directory, overwrite: true })
  expect(again.result).toMatchObject({ created: 0, identical: 3, replaced: 1, refused: 2 })
  const store = await openLevelStore(levelOptions(directory))
  expect(store.countAll()).toBe(2)
  await store.close()
})

test('an interrupted import of the same file goes on behind what it wrote', async () => {
  const directory = fresh()
  const file = await fileOf(Array.from({ length: 30_000 }, (_, ordinal) => lineOf(ordinal)))
  const first = await run({ file, directory, signal: AbortSignal.abort() })
  expect(first.result.created).toBeGreaterThan(0)
  expect(first.result.created).toBeLessThan(30_000)
  const second = await run({ file, directory })
  expect(second.result).toMatchObject({ skippedLines: first.result.created, identical: 0 })
  expect(first.result.created + second.result.created).toBe(30_000)
  const third = await run({ file, directory })
  expect(third.result).toMatchObject({ skippedLines: 0, created: 0, identical: 30_000 })
})

test('a file that cannot be read is named', async () => {
  await expect(run({ file: join(root, 'missing'), directory: fresh() })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('missing'),
  })
})

test('a stream is cut into blocks of whole lines, wherever its chunks end', async () => {
  const text = Array.from({ length: 50 }, (_, line) => `${'x'.repeat(line % 7)}标${line}`).join('\n')
  for (const chunkBytes of [1, 2, 3, 7, 64, 1000]) {
    for (const skipLines of [0, 1, 49, 50]) {
      const chunks = Array.from({ length: Math.ceil(Buffer.byteLength(text) / chunkBytes) }, (_, chunk) =>
        Buffer.from(text).subarray(chunk * chunkBytes, (chunk + 1) * chunkBytes),
      )
      const blocks: string[] = []
      for await (const block of lineBlocks(Readable.from(chunks), { blockBytes: 20, skipLines }))
        blocks.push(Buffer.from(block).toString())
      expect(blocks.join('')).toBe(text.split('\n').slice(skipLines).join('\n'))
      expect(blocks.slice(0, -1).every((block) => block.endsWith('\n'))).toBe(true)
    }
  }
})
