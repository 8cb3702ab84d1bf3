import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { reportJsonSchema, reportSchema } from '../../../bench/report/schema.ts'
import { exampleReport, failedExampleReport } from '../../support/example-report.ts'

const committed = JSON.parse(
  readFileSync(new URL('../../../bench/report/report.schema.json', import.meta.url), 'utf8'),
)
const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(committed)
const asJson = (report: object): Record<string, unknown> => JSON.parse(JSON.stringify(report))

describe('report schema', () => {
  test('the committed JSON Schema is what scripts/write-report-schema.ts writes', () => {
    expect(committed).toEqual(asJson(reportJsonSchema()))
  })

  test('passed and failed reports are accepted, by the JSON Schema and by the program alike', () => {
    for (const report of [exampleReport(), failedExampleReport()]) {
      expect(validate(asJson(report))).toBe(true)
      expect(reportSchema.parse(asJson(report))).toEqual(asJson(report))
    }
  })

  test('another version and a missing field are refused', () => {
    expect(validate({ ...asJson(exampleReport()), schemaVersion: 99 })).toBe(false)
    const { seed: _seed, ...withoutSeed } = asJson(exampleReport())
    expect(validate(withoutSeed)).toBe(false)
  })

  test('a field that a later harness adds is let through', () => {
    const report = { ...asJson(exampleReport()), addedLater: true }
    expect(validate(report)).toBe(true)
    expect(reportSchema.safeParse(report).success).toBe(true)
  })
})
