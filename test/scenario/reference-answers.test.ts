import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, ask } from '../support/ask.ts'
import { basic, NodePlace, type NodeProcess, testPrefix } from '../support/node-process.ts'

type Expected = {
  readonly status: number
  readonly contentType?: string
  readonly location?: string
  readonly challenge?: string
  readonly expires?: boolean
  readonly call?: string
  readonly shows?: readonly string[]
  readonly listing?: Readonly<Record<string, unknown>>
  readonly mintedUnder?: string
  readonly site?: Readonly<Record<string, unknown>>
  readonly [field: string]: unknown
}

type Case = {
  readonly meaning: string
  readonly request: {
    readonly method: string
    readonly target: string
    readonly secret?: 'right' | 'wrong'
    readonly contentType?: string
    readonly body?: string
  }
  readonly answer: Expected
}

/**
 * Where our body has other fields than the reference server's, by the meaning of the case; each has its line in
 * docs/handle-api-differences.md.
 */
const differences: Readonly<Record<string, { readonly body: object; readonly line: string }>> = {
  'the secret is wrong': {
    body: { responseCode: 402, handle: '88.1000/G1' },
    line: 'A wrong secret',
  },
  'the index of the query and that of the body differ': {
    body: { responseCode: 4, handle: '88.1000/G1' },
    line: 'A malformed request',
  },
  'the body is not JSON': { body: { responseCode: 4, handle: '88.1000/G1' }, line: 'A malformed request' },
  'the body does not say that it is JSON': {
    body: { responseCode: 4, handle: '88.1000/G1' },
    line: 'A malformed request',
  },
}

const { cases }: { cases: readonly Case[] } = JSON.parse(read('../fixtures/reference-answers.json'))

describe('the answers of the reference server are ours, in status, response code and meaning', () => {
  let place: NodePlace
  let node: NodeProcess
  let administrator: string

  beforeAll(async () => {
    place = await NodePlace.create()
    node = await place.start()
    administrator = await place.authorization()
    const device = await ask(`${node.url}/api/handles/88.1000/DEV.0000001`, {
      method: 'PUT',
      authorization: administrator,
      body: deviceRecord,
    })
    expect(device.status).toBe(201)
  })
  afterAll(() => place[Symbol.asyncDispose]())

  test('all 38 of them are here', () => {
    expect(cases).toHaveLength(38)
  })

  // In order: later requests meet what earlier ones wrote.
  for (const { meaning, request, answer: expected } of cases) {
    test(`${request.method} ${request.target}: ${meaning}`, async () => {
      const authorization = { right: administrator, wrong: basic(`300:${testPrefix}/ADMIN`, 'wrong') }
      const answer = await ask(node.url + request.target, {
        method: request.method,
        ...(request.secret === undefined ? {} : { authorization: authorization[request.secret] }),
        ...(request.contentType === undefined ? {} : { headers: { 'content-type': request.contentType } }),
        ...(request.body === undefined ? {} : { body: request.body }),
      })
      expect(answer.status, answer.text).toBe(expected.status)
      expectHeaders(answer, expected)
      expectBody(answer, expected, meaning)
    })
  }

  test('each difference is explained in the documentation', () => {
    const document = read('../../docs/handle-api-differences.md')
    for (const { line } of Object.values(differences)) expect(document).toContain(`| ${line}`)
  })
})

const deviceRecord = [
  { index: 1, type: 'URL', data: 'http://plant.example.com/devices/0000001' },
  {
    index: 100,
    type: 'HS_ADMIN',
    data: {
      format: 'admin',
      value: { handle: '88.1000/ADMIN', index: 300, permissions: '111111111111' },
    },
  },
]

function expectHeaders(answer: Answer, expected: Expected): void {
  const { headers } = answer
  if (expected.contentType !== undefined) {
    expect(headers.get('content-type')).toBe(`${expected.contentType};charset=UTF-8`)
  }
  expect(headers.get('location') ?? undefined).toBe(expected.location)
  if (expected.challenge !== undefined) {
    const challenges = /^Basic realm="handle", Handle sessionId="[^"]+", nonce="[^"]+"(, error="[^"]+")?$/
    expect(headers.get('www-authenticate')).toMatch(challenges)
  }
  if (expected.expires) expect(Date.parse(headers.get('expires') ?? '')).not.toBeNaN()
}

function expectBody(answer: Answer, expected: Expected, meaning: string): void {
  if (expected.shows !== undefined) {
    for (const shown of expected.shows) expect(answer.text).toContain(shown)
    return
  }
  const difference = differences[meaning]
  if (expected.responseCode === undefined && difference === undefined) return
  const body = bodyOf(answer, expected.call)
  if (expected.listing !== undefined) {
    expect(body).toMatchObject({ responseCode: 1, ...expected.listing })
    expect(body.totalCount).toMatch(/^\d+$/)
    expect((body.handles as string[]).length).toBe(Number(expected.listing.pageSize))
    return
  }
  if (expected.mintedUnder !== undefined) {
    expect(body.responseCode).toBe(1)
    const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
    expect(String(body.handle).slice(expected.mintedUnder.length)).toMatch(uuid)
    return
  }
  if (expected.site !== undefined) {
    expect(body).toMatchObject({ responseCode: 1, site: expected.site })
    return
  }
  const { status, contentType, challenge, call, ...fields } = expected
  expect(body).toEqual(difference?.body ?? fields)
}

/** The body without what may differ: its message, and the timestamps of its values, which must be there. */
function bodyOf(answer: Answer, call: string | undefined): Record<string, unknown> {
  const [, called, argument] = /^([\w$]+)\((.*)\);$/s.exec(answer.text) ?? []
  expect(called).toBe(call)
  const { message, ...body } = JSON.parse(argument ?? answer.text)
  if (!Array.isArray(body.values)) return body
  const values = body.values.map(({ timestamp, ...value }: Record<string, unknown>) => {
    expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    return value
  })
  return { ...body, values }
}

function read(relative: string): string {
  return readFileSync(new URL(relative, import.meta.url), 'utf8')
}
