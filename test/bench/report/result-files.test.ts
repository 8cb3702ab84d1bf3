import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readableJson, writeResult } from '../../../bench/report/result-files.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'erji-results-'))
})
afterEach(() => rm(directory, { recursive: true }))

const startedAt = '2026-11-27T12:00:00.123Z'
const stem = '2026-11-27T12-00-00Z-gate'

test('results of one second stand beside each other, each with all its files', async () => {
  const write = (number: number) =>
    writeResult({
      ...{ directory: join(directory, 'new'), startedAt, name: 'gate' },
      files: [
        ['.json', () => readableJson({ number })],
        ['-series.csv', () => `${number}\n`],
      ],
    })
  const written = await Promise.all([1, 2, 3].map(write))
  const files = await readdir(join(directory, 'new'))
  expect(files.sort()).toEqual(
    ['', '-2', '-3'].flatMap((count) => [`${stem}${count}-series.csv`, `${stem}${count}.json`]).sort(),
  )
  for (const [index, [json = '', csv = '']] of written.entries()) {
    expect(JSON.parse(await readFile(json, 'utf8'))).toEqual({ number: index + 1 })
    expect(await readFile(csv, 'utf8')).toBe(`${index + 1}\n`)
  }
})

test('what comes first is safe where what comes after it cannot be made', async () => {
  const broken = (): string => {
    throw new Error('no chart')
  }
  const files = [
    ['.json', () => '{}\n'],
    ['.html', broken],
  ] as const
  await expect(writeResult({ directory, startedAt, name: 'gate', files })).rejects.toThrow('no chart')
  expect(await readdir(directory)).toEqual([`${stem}.json`])
})
