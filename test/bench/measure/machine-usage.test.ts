import { describe, expect, test } from 'vitest'
import {
  grownSince,
  machineCpuSeconds,
  parseMachineCpuSeconds,
  waitedForCores,
} from '../../../bench/measure/machine-usage.ts'

describe('what the whole machine spent', () => {
  test('is all but idling and waiting for disks, and counts time in guests once', () => {
    const stat = 'cpu  100 20 30 9999 888 7 5 38 50 60\ncpu0 50 10 15 5000 444 3 2 19 25 30\n'
    expect(parseMachineCpuSeconds(stat)).toBe(2)
    expect(parseMachineCpuSeconds('intr 5')).toBeUndefined()
  })

  test('is at least what this process spends meanwhile', () => {
    const before = machineCpuSeconds()
    const own = process.cpuUsage()
    while (process.cpuUsage(own).user < 200_000) Math.sqrt(2)
    const after = machineCpuSeconds()
    if (process.platform !== 'linux') expect(after).toBeUndefined()
    else expect((after ?? 0) - (before ?? 0)).toBeGreaterThan(0.1)
  })
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
