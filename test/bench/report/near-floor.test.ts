import { expect, test } from 'vitest'
import { phasesNearFloor } from '../../../bench/report/near-floor.ts'
import type { Report } from '../../../bench/report/report.ts'
import { trustFacts } from '../../../bench/report/report-facts.ts'
import { exampleReport } from '../../support/example-report.ts'

function withFloor(floorP50Ns: number, floorP99Ns: number): Report {
  const report = exampleReport()
  const calibration = {
    generatorPerSecond: 1e6,
    echoPerSecond: 1e6,
    floorP50Ns,
    floorP99Ns,
    latenessP99Ns: 1,
  }
  return { ...report, calibration }
}

test('a phase is near the floor of the generator by its median, or by its p99', () => {
  expect(phasesNearFloor(withFloor(1, 1))).toEqual([])
  expect(phasesNearFloor(withFloor(1e12, 1))).toEqual([expect.stringMatching(/: p50$/)])
  expect(phasesNearFloor(withFloor(1, 1e12))).toEqual([expect.stringMatching(/: p99$/)])
  expect(phasesNearFloor({ phases: exampleReport().phases })).toEqual([])
})

test('the floor is told to be that of HTTP where the target is asked by another protocol', () => {
  const floorOf = (url: string): string => {
    const report = exampleReport()
    const facts = trustFacts({ ...report, target: { ...report.target, url } })
    return facts.find(({ label }) => label === 'Its latency floor')?.cell.text ?? ''
  }
  expect(floorOf('hdl+tcp://127.0.0.1:2641')).toContain('over HTTP, which is not what the target is asked by')
  expect(floorOf('http://127.0.0.1:8000')).not.toContain('HTTP')
})
