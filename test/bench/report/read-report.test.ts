import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { formatJson } from '../../../bench/report/json.ts'
import { parseReport, ReportReadError, readReport } from '../../../bench/report/read-report.ts'
import { exampleReport, failedExampleReport } from '../../support/example-report.ts'

describe('reading a report', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'erji-read-report-'))
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  test('a written report reads back equal', async () => {
    for (const report of [exampleReport(), failedExampleReport()]) {
      const file = join(directory, 'report.json')
      writeFileSync(file, formatJson(report))
      expect(await readReport(file)).toEqual(report)
    }
  })

  test('a file that is not there is named', async () => {
    const missing = join(directory, 'missing.json')
    await expect(readReport(missing)).rejects.toThrow(`cannot read ${missing}`)
  })

  test('a file that is not JSON is named as such', () => {
    expect(refusalOf('{"schemaVersion": 1')).toMatchObject({
      code: 'NOT_JSON',
      message: expect.stringContaining('results.json is not JSON'),
    })
  })

  test('a report of another version says which version it has and which is read', () => {
    expect(refusalOf(JSON.stringify({ ...exampleReport(), schemaVersion: 7 }))).toMatchObject({
      code: 'OTHER_VERSION',
      message: 'results.json is a report of schemaVersion 7; this program reads versions 1 to 2',
    })
  })

  test('a report of version 1 is read: its closed loop of clients and its ceiling have kinds of their own', () => {
    const report = exampleReport()
    const open = report.phases.find(({ kind }) => kind === 'open-loop')
    const ceiling = report.phases.find(({ kind }) => kind === 'ceiling')
    const closedLoop = { clients: 8, thinkSeconds: 0.2 }
    const older = {
      ...report,
      schemaVersion: 1,
      phases: [open, { ...open, closedLoop }, { ...ceiling, kind: 'closed-loop' }],
    }
    const read = parseReport({ text: JSON.stringify(older), file: 'older.json' })
    expect(read.schemaVersion).toBe(2)
    expect(read.phases).toEqual([open, { ...open, kind: 'closed-loop', closedLoop }, ceiling])
  })

  test('a field of the wrong type is named with its path, its value and what was expected', () => {
    const report = JSON.parse(formatJson(exampleReport()))
    report.phases[1].operations[0].latency.p99Ns = 'fast'
    const { code, message } = refusalOf(JSON.stringify(report))
    expect(code).toBe('NOT_A_REPORT')
    expect(message).toContain('phases[1].operations[0].latency.p99Ns is "fast"')
    expect(message).toContain('expected number')
  })

  test('a missing field is named as missing', () => {
    const { environment: _environment, ...report } = exampleReport()
    expect(refusalOf(JSON.stringify(report)).message).toContain('environment is missing')
  })

  test('JSON of another kind is refused, and a flood of problems is cut', () => {
    expect(refusalOf('[1, 2]')).toMatchObject({ code: 'NOT_A_REPORT' })
    expect(refusalOf('{}').message).toMatch(/schemaVersion is missing/)
    const report = { ...exampleReport(), command: Array.from({ length: 40 }, () => 5) }
    expect(refusalOf(JSON.stringify(report)).message).toContain('and 30 more')
  })
})

function refusalOf(text: string): ReportReadError {
  try {
    parseReport({ text, file: 'results.json' })
  } catch (error) {
    expect(error).toBeInstanceOf(ReportReadError)
    return error as ReportReadError
  }
  throw new Error('the text was accepted')
}
