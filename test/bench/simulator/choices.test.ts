import { describe, expect, test } from 'vitest'
import { capacityOf, parsePolicies, parseSizes, workingSetBytes } from '../../../bench/simulator/choices.ts'
import { densify } from '../../support/reference-traces.ts'

describe('policies as they are asked for', () => {
  test('parameters that differ stand beside the defaults', () => {
    expect(parsePolicies('lru, clock:bits=2')).toEqual([
      { label: 'lru', policy: 'lru', parameters: {} },
      { label: 'clock:bits=2', policy: 'clock', parameters: { bits: 2 } },
    ])
    expect(parsePolicies('s3-fifo:threshold=1')).toMatchObject([
      { parameters: { threshold: 1, smallRatio: 0.1 } },
    ])
    expect(parsePolicies('belady')).toEqual([{ label: 'belady', policy: 'belady', parameters: {} }])
  })

  test('what cannot be run is said in words', () => {
    expect(parsePolicies('mru')).toContain('"mru" is no policy; there are fifo, lru')
    expect(parsePolicies('lru:k=2')).toContain('lru has no parameter "k"; it has none')
    expect(parsePolicies('clock:bits=two')).toContain('"two" is no number')
  })
})

describe('sizes as they are asked for', () => {
  const trace = { ...densify([1, 2, 3, 1, 4]), bytesOf: Uint32Array.of(10, 20, 30, 99, 40) }

  test.each([
    ['30%', true, 1, 'objects'],
    ['50%', false, 50, 'bytes'],
    ['0.99', true, 3, 'objects'],
    ['3', false, 3, 'objects'],
    ['1KiB', false, 1024, 'bytes'],
    ['7B', false, 7, 'bytes'],
  ] as const)('%s', (text, ignoreObjectSize, capacity, unit) => {
    const [size] = parseSizes(text)
    expect(size).toBeTypeOf('object')
    if (typeof size === 'object')
      expect(capacityOf(size, trace, { ignoreObjectSize })).toEqual({ capacity, unit })
  })

  test('a share of objects is truncated and the working set counts each object once', () => {
    expect(workingSetBytes(trace)).toBe(100)
    const shares = parseSizes('0.1%,0.7%,29%')
    expect(shares).toMatchObject([{ amount: 0.001 }, { amount: 0.007 }, { amount: 0.29 }])
  })

  test('what is no size is named', () => {
    for (const text of ['0', 'much', '-1', '1.5', '0B', '']) expect(parseSizes(text)).toContain('is no size')
  })
})
