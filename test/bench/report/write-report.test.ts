import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readReport } from '../../../bench/report/read-report.ts'
import { writeReport } from '../../../bench/report/write-report.ts'
import { exampleReport } from '../../support/example-report.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'erji-write-report-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

test('a report is written in five formats, named by its start and its workload, into a directory that it makes', async () => {
  const paths = await writeReport({ report: exampleReport(), directory: join(directory, 'new', 'results') })
  expect(Object.values(paths).map((path) => basename(path))).toEqual([
    '2026-03-02T09-30-00Z-traceability.json',
    '2026-03-02T09-30-00Z-traceability.md',
    '2026-03-02T09-30-00Z-traceability.html',
    '2026-03-02T09-30-00Z-traceability.hlog',
    '2026-03-02T09-30-00Z-traceability.prom',
  ])
  expect(await readReport(paths.json)).toEqual(exampleReport())
  expect(readFileSync(paths.html, 'utf8')).toMatch(/^<!doctype html>/)
})

test('a name that is no file name becomes one', async () => {
  const paths = await writeReport({ report: exampleReport(), directory, name: '../My run: 追溯/1' })
  expect(basename(paths.json)).toBe('2026-03-02T09-30-00Z-my-run-1.json')
})

test('an existing result is never overwritten', async () => {
  const first = await writeReport({ report: exampleReport(), directory, name: 'twice' })
  writeFileSync(first.json, 'kept')
  const [second, third] = await Promise.all(
    ['twice', 'twice'].map((name) => writeReport({ report: exampleReport(), directory, name })),
  )
  expect(readFileSync(first.json, 'utf8')).toBe('kept')
  expect([second, third].map((paths) => basename(paths?.json ?? '')).toSorted()).toEqual([
    '2026-03-02T09-30-00Z-twice-2.json',
    '2026-03-02T09-30-00Z-twice-3.json',
  ])
  expect(basename(second?.html ?? '')).toBe(basename(second?.json ?? '').replace('.json', '.html'))
})
