import { describe, expect, test } from 'vitest'
import {
  formatBytes,
  formatCount,
  formatNs,
  formatPerSecond,
  formatRatio,
  formatSeconds,
} from '../../../bench/report/format-units.ts'

describe('numbers as people read them', () => {
  test.each([
    [0, '0 ns'],
    [850.4, '850 ns'],
    [12_345, '12.3 µs'],
    [999_700, '1 ms'],
    [4_560_000, '4.56 ms'],
    [999_999_999, '1 s'],
    [1.234e9, '1.23 s'],
    [3600e9, '60 min 0 s'],
  ])('%d ns reads %s', (ns, text) => expect(formatNs(ns)).toBe(text))

  test.each([
    [0, '0 s'],
    [12.34, '12.3 s'],
    [119.4, '119 s'],
    [185, '3 min 5 s'],
    [7800, '2 h 10 min'],
  ])('%d s reads %s', (seconds, text) => expect(formatSeconds(seconds)).toBe(text))

  test.each([
    [65, '65 B'],
    [1023.9, '1 KiB'],
    [12_800, '12.5 KiB'],
    [3.91 * 2 ** 30, '3.91 GiB'],
    [5 * 2 ** 60, '5,120 PiB'],
  ])('%d bytes read %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))

  test('counts are grouped, rates keep a fraction only where it matters, ratios are per cent', () => {
    expect(formatCount(1_234_567)).toBe('1,234,567')
    expect(formatPerSecond(12_345.6)).toBe('12,346/s')
    expect(formatPerSecond(1.5)).toBe('1.5/s')
    expect(formatRatio(0.93123)).toBe('93.12 %')
  })
})
