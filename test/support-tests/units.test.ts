import { expect, test } from 'vitest'
import { nowSeconds } from '../../src/support/clock.ts'
import { bytesText, durationText, parseBytes, parseDurationMs } from '../../src/support/units.ts'

test.each<readonly [string, number | undefined]>([
  ['0', 0],
  ['1000', 1000],
  ['7B', 7],
  ['1.5kB', 1500],
  ['2 MB', 2_000_000],
  [' 1KiB ', 1024],
  ['512MiB', 536_870_912],
  ['0.5GiB', 536_870_912],
  ['1TiB', 1_099_511_627_776],
  ...['', 'B', '-1', '1e3', '1 2', '1kb', '1gib', '.5MB', '1,5MB', 'many'].map(
    (text) => [text, undefined] as const,
  ),
])('the size %j is %j bytes', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes)
})

test.each<readonly [string, number | undefined]>([
  ['250ms', 250],
  ['30s', 30_000],
  ['30', 30_000],
  ['1.5 m', 90_000],
  ['1h', 3_600_000],
  ...['', 's', '-1s', '1e3', '1d', '1S', '1m30s', 'soon'].map((text) => [text, undefined] as const),
])('the duration %j is %j ms', (text, milliseconds) => {
  expect(parseDurationMs(text)).toBe(milliseconds)
})

test('seconds are whole and rounded down, never into the future', () => {
  expect(nowSeconds({ nowMs: () => 1999, nowNs: () => 0 })).toBe(1)
})

test.each([
  [0, '0'],
  [1000, '1000'],
  [16_384, '16KiB'],
  [1.5 * 2 ** 30, '1536MiB'],
  [2 ** 40, '1TiB'],
])('%j bytes are written %j, which is read as the same', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text)
  expect(parseBytes(text)).toBe(bytes)
})

test.each([
  [0, '0ms'],
  [100, '100ms'],
  [72_000, '72s'],
  [60_000, '1m'],
  [3_600_000, '1h'],
])('%j milliseconds are written %j, which is read as the same', (milliseconds, text) => {
  expect(durationText(milliseconds)).toBe(text)
  expect(parseDurationMs(text)).toBe(milliseconds)
})
