import { expect, test } from 'vitest'
import { blockedMsMax, ReadPacing } from '../../src/store/read-pacing.ts'

/** A pacing over a clock of its own, and reads that take as long as they are told. */
function paced({ waitsForDisk = true } = {}) {
  let nowMs = 1000
  let diskReads = 0
  const pacing = new ReadPacing({ nowMs: () => nowMs, diskReads: () => diskReads })
  return {
    pacing,
    read: (tookMs: number) =>
      pacing.timed(() => {
        nowMs += tookMs
        if (waitsForDisk) diskReads++
        return 'read'
      }),
    pass: (ms: number) => {
      nowMs += ms
    },
  }
}

test('reads that the page cache answers never leave the thread, however many they are', () => {
  const { pacing, read } = paced()
  for (let count = 0; count < 10_000; count++) expect(read(0.02)).toBe('read')
  expect(pacing.mayBlock()).toBe(true)
})

test('reads that are slow without a disk, as when the collector runs, never leave the thread', () => {
  const { pacing, read } = paced({ waitsForDisk: false })
  for (let count = 0; count < 100; count++) read(10)
  expect(pacing.mayBlock()).toBe(true)
})

test('slow reads hold a thread up for the bound and one read more, then leave it', () => {
  const { pacing, read } = paced()
  let blockedMs = 0
  while (pacing.mayBlock()) {
    read(1)
    blockedMs += 1
    expect(blockedMs).toBeLessThanOrEqual(blockedMsMax + 2)
  }
  expect(blockedMs).toBeGreaterThan(blockedMsMax)
})

test('time pays off: the thread reads again, and a disk that is still slow takes a twentieth of it at most', () => {
  const { pacing, read, pass } = paced()
  let blockedMs = 0
  for (let millisecond = 0; millisecond < 10_000; millisecond++) {
    if (pacing.mayBlock()) {
      read(1)
      blockedMs += 1
    }
    pass(1)
  }
  expect(blockedMs).toBeGreaterThan(10)
  expect(blockedMs / 10_000).toBeLessThan(0.06)
})

test('a slow read now and then changes nothing', () => {
  const { pacing, read, pass } = paced()
  for (let count = 0; count < 100; count++) {
    read(2)
    pass(100)
    expect(pacing.mayBlock()).toBe(true)
  }
})

test('a read that fails is timed too, and its error is the caller’s', () => {
  const { pacing, read } = paced()
  for (let count = 0; count < 3; count++) {
    expect(() =>
      pacing.timed(() => {
        read(3)
        throw new Error('disk')
      }),
    ).toThrow('disk')
  }
  expect(pacing.mayBlock()).toBe(false)
})
