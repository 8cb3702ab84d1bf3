import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openInput, outputStages } from '../../src/cli/compression.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'erji-compression-'))
})
afterAll(() => rm(directory, { recursive: true }))

const parts = ['first\n', 'x'.repeat(300_000), '\nlast\n']
const whole = parts.join('')
const compressors = { gz: gzipSync, zst: zstdCompressSync } as const

describe.each(Object.entries(compressors))('.%s', (ending, compress) => {
  const given = async (name: string, bytes: Buffer): Promise<string> => {
    const file = join(directory, `${name}.ndjson.${ending}`)
    await writeFile(file, bytes)
    return file
  }

  test('a file of one frame and a file of many are read to their end', async () => {
    expect(await textOf(await given('one', compress(whole)))).toBe(whole)
    expect(await textOf(await given('many', Buffer.concat(parts.map((part) => compress(part)))))).toBe(whole)
  })

  test('what is no such file, and one that was cut off, end with an error', async () => {
    await expect(textOf(await given('other', Buffer.from('{"handle":"x"}\n')))).rejects.toThrow()
    const bytes = compress(whole)
    await expect(textOf(await given('cut', bytes.subarray(0, bytes.length - 5)))).rejects.toThrow()
  })

  test('a file that is not there ends with an error that names it', async () => {
    await expect(textOf(join(directory, `missing.${ending}`))).rejects.toThrow(`missing.${ending}`)
  })
})

test.each(['', '.gz', '.zst'])('a file "out%s" that is written is for its owner alone', async (suffix) => {
  const file = join(directory, `out${suffix}`)
  const umask = process.umask(0)
  try {
    const stages = [[whole], ...outputStages(file)]
    await pipeline(stages as unknown as NodeJS.ReadableStream[])
  } finally {
    process.umask(umask)
  }
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await textOf(file)).toBe(whole)
})

async function textOf(file: string): Promise<string> {
  const { stream } = openInput(file)
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString()
}
