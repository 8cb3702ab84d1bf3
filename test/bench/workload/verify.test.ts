import { describe, expect, test } from 'vitest'
import type { OperationKind } from '../../../bench/workload/operation.ts'
import { createRecordGenerator, stateIndex } from '../../../bench/workload/record-generator.ts'
import { verifyResolution } from '../../../bench/workload/verify.ts'

type ValueJson = Record<string, unknown> & { index: number; type: string; ttl?: number }
type Body = { responseCode: number; handle: string; values: ValueJson[] }

const generator = createRecordGenerator({ seed: 3, prefix: '88.118.8' })
// Ordinal 4 is asked for its state by index, ordinal 5 for its URL.
const ordinal = 4

describe('true answers', () => {
  test('a whole record is right in the order of the protocol and in any other', () => {
    const body = bodyOf()
    expect(check(body)).toEqual({ outcome: 'ok' })
    expect(check({ handle: body.handle, values: body.values.toReversed(), responseCode: 1 })).toEqual({
      outcome: 'ok',
    })
  })

  test('a default ttl may be written or left out', () => {
    const bare = bodyOf()
    for (const value of bare.values) if (value.ttl === 86_400) delete value.ttl
    expect(check(bare)).toEqual({ outcome: 'ok' })
  })

  test('only what was asked for is expected of a partial resolution', () => {
    const body = bodyOf()
    const url = body.values.filter(({ type }) => type === 'URL')
    const state = body.values.filter(({ index }) => index === stateIndex)
    expect(check({ ...body, values: url }, { kind: 'resolve-type' })).toEqual({ outcome: 'ok' })
    expect(check({ ...body, values: state }, { kind: 'resolve-index' })).toEqual({ outcome: 'ok' })
    expect(check(body, { kind: 'resolve-type' }).outcome).toBe('wrong')
    expect(check(body, { kind: 'resolve-index' }).outcome).toBe('wrong')
  })

  test('a value that was deleted is answered with values not found', () => {
    const none = { responseCode: 200, handle: generator.handleOf(ordinal), values: [] }
    expect(check(none, { kind: 'resolve-index', revision: 1 })).toEqual({ outcome: 'ok' })
    expect(check(none, { kind: 'resolve-index', revision: 2 }).outcome).toBe('wrong')
    expect(check(bodyOf(1), { revision: 1 })).toEqual({ outcome: 'ok' })
  })

  test('a counterfeit is not found', () => {
    const handle = generator.absentHandleOf(ordinal)
    expect(check({ responseCode: 100, handle }, { kind: 'absent', status: 404 })).toEqual({ outcome: 'ok' })
  })
})

describe('wrong answers', () => {
  const wrongBodies: Record<string, (body: Body) => unknown> = {
    'another handle': (body) => ({ ...body, handle: generator.handleOf(ordinal + 1) }),
    'the handle in another case': (body) => ({ ...body, handle: body.handle.toLowerCase() }),
    'no handle': ({ handle: _handle, ...body }) => body,
    'another response code': (body) => ({ ...body, responseCode: 200 }),
    'no values at all': ({ values: _values, ...body }) => body,
    'a missing value': (body) => ({ ...body, values: body.values.slice(1) }),
    'an extra value': (body) => ({ ...body, values: [...body.values, { ...body.values[0], index: 9 }] }),
    'an extra administrator': (body) => ({
      ...body,
      values: [...body.values, { index: 100, type: 'HS_ADMIN' }],
    }),
    'one index twice': (body) => ({ ...body, values: [...body.values, body.values[0]] }),
    'another index': (body) => changed(body, { index: 7 }),
    'another type': (body) => changed(body, { type: 'URI' }),
    'other data': (body) => changed(body, { data: { format: 'string', value: 'https://example.com/' } }),
    'another data format': (body) => changed(body, { data: { format: 'base64', value: 'aHR0cHM=' } }),
    'another ttl': (body) => changed(body, { ttl: 3601 }),
    'the record of another revision': () => bodyOf(2),
    'the record of another identifier': (body) => ({ ...body, values: bodyOf(0, ordinal + 1).values }),
    'a value that is no object': (body) => ({ ...body, values: [...body.values, 3] }),
    'an array': (body) => [body],
    nothing: () => null,
  }
  for (const [name, wrong] of Object.entries(wrongBodies)) {
    test(`${name} is found`, () => {
      const result = check(wrong(bodyOf()))
      expect(result.outcome).toBe('wrong')
      expect(result.detail).toContain(generator.handleOf(ordinal))
    })
  }

  test('text that is not JSON is found', () => {
    const operation = { kind: 'resolve', ordinal, revision: 0 } as const
    for (const bodyText of ['', '<html>', `${JSON.stringify(bodyOf())}x`]) {
      expect(verifyResolution({ generator, operation, status: 200, bodyText }).outcome).toBe('wrong')
    }
  })

  test('a right body under a wrong status is found', () => {
    expect(check(bodyOf(), { status: 404 }).outcome).toBe('wrong')
    expect(check(bodyOf(), { status: 201 }).outcome).toBe('wrong')
    expect(check({ responseCode: 100, handle: generator.handleOf(ordinal) }, { status: 404 }).outcome).toBe(
      'wrong',
    )
  })

  test('a counterfeit that resolves is found', () => {
    const handle = generator.absentHandleOf(ordinal)
    expect(check({ ...bodyOf(), handle }, { kind: 'absent' }).outcome).toBe('wrong')
    expect(check({ responseCode: 1, handle }, { kind: 'absent', status: 404 }).outcome).toBe('wrong')
    expect(check({ responseCode: 100 }, { kind: 'absent', status: 404 }).outcome).toBe('wrong')
    expect(check('not found', { kind: 'absent', status: 404 }).outcome).toBe('wrong')
  })
})

describe('no answers', () => {
  test('a refusal, a busy node and a broken one are told apart from wrong answers', () => {
    expect(check({ responseCode: 402 }, { status: 401 }).outcome).toBe('refused')
    expect(check({ responseCode: 3 }, { status: 503 }).outcome).toBe('busy')
    expect(check({ responseCode: 2 }, { status: 500 })).toEqual({
      outcome: 'error',
      detail: 'HTTP 500: {"responseCode":2}',
    })
    expect(check('moved', { status: 302 }).outcome).toBe('error')
  })
})

test('an administrator that the node adds itself is overlooked where the generator says so', () => {
  const tolerant = createRecordGenerator({ seed: 3, prefix: '88.118.8', toleratesAddedAdmin: true })
  const body = bodyOf()
  const extended = { ...body, values: [...body.values, { index: 100, type: 'HS_ADMIN', data: {} }] }
  const operation = { kind: 'resolve', ordinal, revision: 0 } as const
  const ask = (asked: unknown) =>
    verifyResolution({ generator: tolerant, operation, status: 200, bodyText: JSON.stringify(asked) }).outcome
  expect(ask(body)).toBe('ok')
  expect(ask(extended)).toBe('ok')
  expect(ask({ ...extended, values: extended.values.slice(1) })).toBe('wrong')
})

type Asked = { readonly kind?: OperationKind; readonly revision?: number; readonly status?: number }

function check(body: unknown, { kind = 'resolve', revision = 0, status = 200 }: Asked = {}) {
  const operation = { kind, ordinal, revision }
  return verifyResolution({ generator, operation, status, bodyText: JSON.stringify(body) })
}

function bodyOf(revision = 0, of = ordinal): Body {
  const { handle, valuesJson } = generator.recordOf(of, revision)
  const values = (JSON.parse(valuesJson) as ValueJson[]).map(({ index, type, data, ttl = 86_400 }) => {
    return { index, type, data, ttl, timestamp: '2026-11-23T21:36:02Z' }
  })
  return { responseCode: 1, handle, values }
}

function changed(body: Body, change: Record<string, unknown>): Body {
  return {
    ...body,
    values: body.values.map((value, place) => (place === 0 ? { ...value, ...change } : value)) as ValueJson[],
  }
}
