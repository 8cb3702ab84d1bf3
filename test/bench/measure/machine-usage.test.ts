import { describe, expect, test } from 'vitest'
import {
  grownSince,
  machineCpuSeconds,
  machineGrownSince,
  parseMachineCpuSeconds,
  waitedForCores,
} from '../../../bench/measure/machine-usage.ts'
import { systemClock } from '../../../src/support/clock.ts'

describe('what the whole machine spent', () => {
  test('is what its cores did not idle, waiting for disks included', () => {
    const stat = (idle: number, waiting: number) =>
      `cpu  100 20 30 ${idle} ${waiting} 7 5 38 50 60\ncpu0 1 2 3 4 5 6 7 8 9 10\ncpu1 1 2 3 4 5 6 7 8 9 10\nintr 5\n`
    const spent =
      (parseMachineCpuSeconds(stat(1300, 200), 1010) ?? 0) -
      (parseMachineCpuSeconds(stat(1000, 100), 1000) ?? 0)
    expect(spent).toBeCloseTo(16)
    expect(parseMachineCpuSeconds('intr 5', 0)).toBeUndefined()
  })

  test('is at least what this process spends meanwhile', () => {
    const before = machineCpuSeconds(systemClock)
    const own = process.cpuUsage()
    while (process.cpuUsage(own).user < 200_000) Math.sqrt(2)
    const after = machineCpuSeconds(systemClock)
    if (process.platform !== 'linux') expect(after).toBeUndefined()
    else expect((after ?? 0) - (before ?? 0)).toBeGreaterThan(0.1)
  })
})

test('an idle moment of the machine is nothing, not less', () => {
  expect(machineGrownSince(10, 12.5)).toBe(2.5)
  expect(machineGrownSince(10, 9.99)).toBe(0)
})

describe('what threads waited for a core', () => {
  test('adds up threads, those that came meanwhile included, those that ended not', () => {
    const before = new Map([
      ['1', 1],
      ['2', 5],
    ])
    const after = new Map([
      ['1', 1.5],
      ['3', 0.25],
    ])
    expect(grownSince(before, after)).toBe(0.75)
  })

  test('is known of this process and not of one that does not exist', () => {
    if (process.platform === 'linux') expect(waitedForCores(process.pid)?.has(String(process.pid))).toBe(true)
    expect(waitedForCores(2 ** 30)).toBeUndefined()
  })
})
