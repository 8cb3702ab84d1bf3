import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask } from '../support/ask.ts'
import { NodePlace, type NodeProcess } from '../support/node-process.ts'

type Value = { readonly index: number; readonly type: string; readonly data: unknown; readonly ttl: number }

/** One request as pyhandle 1.5.0 sends it, and what a stub answered, whose records were true but never selected from. */
type Recorded = {
  readonly step: string
  readonly method: string
  readonly target: string
  readonly asAdministrator?: boolean
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly answer: {
    readonly status: number
    readonly responseCode?: number
    readonly handle?: string
    readonly values?: readonly Value[]
  }
}

const recorded: readonly Recorded[] = JSON.parse(
  readFileSync(new URL('../fixtures/pyhandle-requests.json', import.meta.url), 'utf8'),
)

/** Where the stub was simpler than the reference server: values that were not there before are created. */
const created = ['PUT /api/handles/88.1000/py-0001?index=3&overwrite=true', 'add_handle_value']

describe('every request that pyhandle makes has the answer that pyhandle needs', () => {
  let place: NodePlace
  let node: NodeProcess
  let administrator: string
  beforeAll(async () => {
    place = await NodePlace.create()
    node = await place.start()
    administrator = await place.authorization()
  })
  afterAll(() => place[Symbol.asyncDispose]())

  test('all 35 of them are here', () => {
    expect(recorded).toHaveLength(35)
  })

  // In order: later requests meet what earlier ones wrote.
  recorded.forEach((request, position) => {
    const { step, method, target, asAdministrator, headers, body, answer: expected } = request
    test(`${position + 1}. ${step}: ${method} ${target}`, async () => {
      const answer = await ask(node.url + target, {
        method,
        headers,
        ...(asAdministrator ? { authorization: administrator } : {}),
        ...(body === undefined ? {} : { body }),
      })
      if (step === 'search_handle') {
        expect([answer.status, answer.json().responseCode]).toEqual([501, 5])
        expect(answer.json().message).toContain('GET /api/registrations?prefix=')
        return
      }
      const isCreation =
        method === 'PUT' && created.some((one) => `${method} ${target} ${step}`.includes(one))
      expect(answer.status, answer.text).toBe(isCreation ? 201 : expected.status)
      const { responseCode, handle, values } = answer.json()
      expect([responseCode, handle]).toEqual([expected.responseCode, expected.handle])
      if (expected.values === undefined || target.endsWith('/ADMIN')) return
      expect(withoutTimestamps(values as Value[])).toEqual(selected(expected.values, target))
    })
  })
})

/** The values that a query asks for, in the order of their indexes, in the form of answers. */
function selected(values: readonly Value[], target: string): unknown[] {
  const { searchParams } = new URL(target, 'http://node')
  const [indexes, types] = [searchParams.getAll('index'), searchParams.getAll('type')]
  const isAsked = ({ index, type }: Value): boolean =>
    indexes.length + types.length === 0 || indexes.includes(String(index)) || types.includes(type)
  return values
    .filter(isAsked)
    .sort((left, right) => left.index - right.index)
    .map(({ index, type, data, ttl }) => ({
      index,
      type,
      data: typeof data === 'string' ? { format: 'string', value: data } : data,
      ttl,
    }))
}

/** pyhandle raises a KeyError on a value without a timestamp. */
function withoutTimestamps(values: readonly (Value & { timestamp?: string })[]): unknown[] {
  return values.map(({ timestamp, ...value }) => {
    expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    return value
  })
}
