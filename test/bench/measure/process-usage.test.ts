import { describe, expect, test } from 'vitest'
import { ownUsage, parseProcessUsage, processUsage } from '../../../bench/measure/process-usage.ts'

describe('process usage', () => {
  test('user and system ticks add up, whatever the program is called', () => {
    const stat = '77 (a) b) S 1 77 77 0 -1 4194560 100 0 0 0 250 150 9 9 20 0 11 0 12345 99 25'
    const status = 'Name:\tnode\nVmPeak:\t  9 kB\nVmRSS:\t   2048 kB\n'
    expect(parseProcessUsage({ stat, status })).toEqual({ cpuSeconds: 4, residentBytes: 2 * 1024 * 1024 })
  })

  test('a process that holds no memory any more has no usage', () => {
    const stat = '77 (node) Z 1 77 77 0 -1 4194560 100 0 0 0 250 150 9 9 20 0 1 0 12345 0 0'
    expect(parseProcessUsage({ stat, status: 'Name:\tnode\nState:\tZ (zombie)\n' })).toBeUndefined()
  })

  test('the usage read from outside agrees with what this process knows of itself', () => {
    const own = ownUsage()
    const seen = processUsage(process.pid)
    if (process.platform !== 'linux') {
      expect(seen).toBeUndefined()
      return
    }
    expect(seen?.cpuSeconds).toBeGreaterThan(own.cpuSeconds * 0.5)
    expect(seen?.residentBytes).toBeGreaterThan(own.residentBytes * 0.5)
  })

  test('a process that does not exist has no usage', () => {
    expect(processUsage(2 ** 30)).toBeUndefined()
  })
})
