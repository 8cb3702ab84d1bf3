import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createRecordGenerator,
  hasState,
  ordinalsMax,
  type RecordGenerator,
  stateIndex,
} from '../../../bench/workload/record-generator.ts'
import { kindsBySixteenths } from '../../../bench/workload/record-kinds.ts'
import { parseHandle } from '../../../src/identifier/handle.ts'
import { createPrng } from '../../../src/support/prng.ts'

type ValueJson = { index: number; type: string; data: { format: string; value: unknown }; ttl?: number }

const generator = createRecordGenerator({ seed: 7, prefix: '88.118.8' })
const ordinals = fc.oneof(fc.nat({ max: 100_000 }), fc.integer({ min: 0, max: ordinalsMax - 1 }))
const revisions = fc.nat({ max: 1000 })

describe('handles', () => {
  test('no two identifiers share a handle, whatever their case', () => {
    fc.assert(
      fc.property(ordinals, ordinals, (one, other) => {
        fc.pre(one !== other)
        expect(keyOf(generator.handleOf(one))).not.toBe(keyOf(generator.handleOf(other)))
      }),
      { numRuns: 2000 },
    )
  })

  test('a hundred thousand consecutive ordinals have as many handles, and none is absent', () => {
    const handles = new Set(
      Array.from({ length: 100_000 }, (_, ordinal) => keyOf(generator.handleOf(ordinal))),
    )
    expect(handles.size).toBe(100_000)
    for (let ordinal = 0; ordinal < 100_000; ordinal++) {
      expect(handles.has(keyOf(generator.absentHandleOf(ordinal)))).toBe(false)
    }
  })

  test('an absent handle is no handle of any ordinal', () => {
    fc.assert(
      fc.property(ordinals, ordinals, (absent, registered) => {
        expect(keyOf(generator.absentHandleOf(absent))).not.toBe(keyOf(generator.handleOf(registered)))
        expect(keyOf(generator.absentHandleOf(absent))).not.toBe(keyOf(generator.handleOf(absent)))
      }),
    )
  })

  test('an absent handle differs from a registered one in its last character only', () => {
    fc.assert(
      fc.property(ordinals, (ordinal) => {
        expect(generator.absentHandleOf(ordinal).slice(0, -1)).toBe(generator.handleOf(ordinal).slice(0, -1))
      }),
    )
  })

  test('a handle is valid, under its prefix and short', () => {
    fc.assert(
      fc.property(ordinals, (ordinal) => {
        const handle = generator.handleOf(ordinal)
        expect(parseHandle(handle, { handleBytesMax: 64 }).prefix).toBe('88.118.8')
        expect(parseHandle(generator.absentHandleOf(ordinal)).text.length).toBe(handle.length)
      }),
    )
  })

  test('a small share of the suffixes is Chinese', () => {
    const chinese = sample(10_000, (ordinal) => /\p{Script=Han}/u.test(generator.handleOf(ordinal)))
    const share = chinese.filter(Boolean).length / chinese.length
    expect(share).toBeGreaterThan(0.03)
    expect(share).toBeLessThan(0.1)
  })

  test('neighbouring ordinals are spread over the key order', () => {
    const sorted = sample(1000, (ordinal) => ordinal).toSorted((one, other) =>
      keyOf(generator.handleOf(one)) < keyOf(generator.handleOf(other)) ? -1 : 1,
    )
    const adjacent = sorted.filter((ordinal, place) => ordinal === (sorted[place - 1] ?? Number.NaN) + 1)
    expect(adjacent.length).toBeLessThan(20)
  })

  test('an ordinal beyond the last is refused', () => {
    expect(() => generator.handleOf(ordinalsMax)).toThrow('below 2^40')
    expect(() => generator.handleOf(-1)).toThrow('at least 0')
  })
})

describe('records', () => {
  test('a record is the same on every machine', () => {
    expect(generator.recordOf(123_456_789_012, 4)).toEqual(
      createRecordGenerator({ seed: 7, prefix: '88.118.8' }).recordOf(123_456_789_012, 4),
    )
    // Written down once: a change here makes loaded nodes unverifiable.
    expect(createRecordGenerator({ seed: 1, prefix: '88.118.8' }).recordOf(7, 2)).toEqual({
      handle: '88.118.8/01/06901234002324/21/000000076',
      valuesJson:
        '[{"index":1,"type":"URL","data":{"format":"string","value":"https://trace.example.com/t/00000007"},"ttl":3600},' +
        '{"index":2,"type":"PRODUCT","data":{"format":"string","value":"Infant formula"}},' +
        '{"index":5,"type":"STATUS","data":{"format":"string","value":"入库 r2"},"ttl":600}]',
    })
  })

  test('another seed gives other records', () => {
    const other = createRecordGenerator({ seed: 8, prefix: '88.118.8' })
    const same = sample(100, (ordinal) => other.handleOf(ordinal) === generator.handleOf(ordinal))
    expect(same.filter(Boolean).length).toBeLessThan(5)
  })

  test('a record holds two to five values in order of index, the URL first', () => {
    fc.assert(
      fc.property(ordinals, (ordinal) => {
        const values = valuesOf(generator, ordinal, 0)
        expect(values.length).toBeGreaterThanOrEqual(2)
        expect(values.length).toBeLessThanOrEqual(5)
        expect(values[0]).toMatchObject({ index: 1, type: 'URL' })
        const indexes = values.map(({ index }) => index)
        expect(indexes).toEqual([...new Set(indexes)].toSorted((one, other) => one - other))
        expect(values.every(({ ttl }) => ttl !== 86_400)).toBe(true)
      }),
    )
  })

  test('records are between 200 and 300 bytes of JSON on average, and Chinese occurs in most', () => {
    const texts = sample(10_000, (ordinal) => generator.recordOf(ordinal, 0).valuesJson)
    const meanBytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / texts.length
    expect(meanBytes).toBeGreaterThan(200)
    expect(meanBytes).toBeLessThan(300)
    expect(texts.filter((text) => /\p{Script=Han}/u.test(text)).length).toBeGreaterThan(texts.length / 2)
  })

  test('all four kinds occur', () => {
    const hosts = new Set(
      sample(1000, (ordinal) => /https:..(\w+)/.exec(generator.recordOf(ordinal, 0).valuesJson)?.[1]),
    )
    expect(hosts).toEqual(new Set(['trace', 'logistics', 'plant', 'city']))
  })

  test('the tables have the sizes that bits of a hash can index', () => {
    for (const kind of kindsBySixteenths) {
      expect(new Set(kind.stems).size).toBe(256)
      for (const field of [...kind.fields, kind.state]) expect(new Set(field.words).size).toBe(8)
    }
    expect(kindsBySixteenths.length).toBe(16)
  })

  test('an administrator is added to each record where one is named', () => {
    const administered = createRecordGenerator({
      seed: 7,
      prefix: '1.2',
      adminHandle: '0.NA/1.2',
      adminIndex: 200,
    })
    const admin = { format: 'admin', value: { handle: '0.NA/1.2', index: 200, permissions: '111111111111' } }
    for (const revision of [0, 1]) {
      expect(valuesOf(administered, 3, revision).at(-1)).toEqual({
        index: 100,
        type: 'HS_ADMIN',
        data: admin,
      })
    }
  })
})

describe('revisions', () => {
  test('each even revision has a state of its own and each odd one has none', () => {
    fc.assert(
      fc.property(ordinals, revisions, (ordinal, revision) => {
        const state = valuesOf(generator, ordinal, revision).find(({ index }) => index === stateIndex)
        const later = valuesOf(generator, ordinal, revision + 2).find(({ index }) => index === stateIndex)
        expect(state !== undefined).toBe(hasState(revision))
        if (state !== undefined) expect(state.data).not.toEqual(later?.data)
      }),
    )
  })

  test('a mutation applied to any earlier revision gives the record of its own', () => {
    fc.assert(
      fc.property(ordinals, revisions, revisions, (ordinal, before, revision) => {
        const { indexes, valuesJson } = generator.changedValuesOf(ordinal, revision)
        const kept = valuesOf(generator, ordinal, before).filter(({ index }) => !indexes.includes(index))
        expect([...kept, ...JSON.parse(valuesJson)]).toEqual(valuesOf(generator, ordinal, revision))
      }),
    )
  })
})

function valuesOf(of: RecordGenerator, ordinal: number, revision: number): ValueJson[] {
  return JSON.parse(of.recordOf(ordinal, revision).valuesJson)
}

function keyOf(handle: string): string {
  return parseHandle(handle).key
}

function sample<Item>(count: number, of: (ordinal: number) => Item): Item[] {
  const prng = createPrng(5)
  return Array.from({ length: count }, () => of(prng.nextBelow(1_000_000)))
}
