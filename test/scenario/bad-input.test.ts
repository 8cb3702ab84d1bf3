import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, ask } from '../support/ask.ts'
import { malformedRequests, presentRecord, type Sent } from '../support/malformed-requests.ts'
import { NodePlace, type NodeProcess } from '../support/node-process.ts'
import { RawConnection } from '../support/raw-connection.ts'

let place: NodePlace
let node: NodeProcess
let administrator: string
beforeAll(async () => {
  place = await NodePlace.create()
  node = await place.start({
    'body-bytes-max': '4KiB',
    'header-bytes-max': '8KiB',
    'list-handles-max': '100',
    'bulk-bytes-max': '64KiB',
  })
  administrator = await place.authorization()
  expect(
    (await send({ method: 'PUT', target: presentRecord, body: '[{"index":1,"type":"URL","data":"x"}]' }))
      .status,
  ).toBe(201)
})
afterAll(() => place[Symbol.asyncDispose]())

for (const [what, rows] of Object.entries(malformedRequests)) {
  describe(`wrong ${what} are refused with the parameter, its value and what was expected`, () => {
    for (const [sent, status, responseCode, message] of rows) {
      test(nameOf(sent), async () => {
        const answer = await send(sent)
        expect([answer.status, answer.json().responseCode], answer.text).toEqual([status, responseCode])
        expect(answer.json().message).toContain(message)
      })
    }
  })
}

test('a wrong handle in the address bar is a page, not an API error', async () => {
  for (const [target, status, text] of [
    ['/noslash', 400, 'has no slash; expected prefix/suffix'],
    ['/88.9/x', 404, 'prefix &#34;88.9&#34; is not homed at this node'],
    ['/88.1000/', 400, 'has no suffix after the slash'],
  ] as const) {
    const answer = await send({ target })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'text/html;charset=UTF-8'])
    expect(answer.text).toContain(text)
  }
})

test('a header over --header-bytes-max is answered 431', async () => {
  const connection = await RawConnection.open(node.url)
  connection.send(`GET ${presentRecord} HTTP/1.1\r\nHost: node\r\nX-Long: ${'x'.repeat(9000)}\r\n\r\n`)
  const answer = await connection.untilEnd()
  expect(answer).toMatch(/^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/)
  expect(answer).toMatch(
    /\{"responseCode":4,"message":"the request header is larger than the \d+ bytes that this node takes"\}$/,
  )
})

test('a body that lies about its length, or hides it, is bounded all the same', async () => {
  const connection = await RawConnection.open(node.url)
  const chunk = `400\r\n${' '.repeat(1024)}\r\n`
  connection.send(
    `PUT ${presentRecord} HTTP/1.1\r\nHost: node\r\nAuthorization: ${administrator}\r\n` +
      `Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(5)}`,
  )
  expect(await connection.until(/\}$/)).toMatch(/^HTTP\/1\.1 413 .*"responseCode":4/s)
  connection.destroy()
})

test('nothing of all that was registered or changed anything', async () => {
  const { handles } = (await send({ target: '/api/handles?prefix=88.1000' })).json()
  expect(handles).toEqual(['88.1000/ADMIN', '88.1000/present'])
  const { values } = (await send({ target: presentRecord })).json() as { values: { data: unknown }[] }
  expect(values.map(({ data }) => data)).toEqual([{ format: 'string', value: 'x' }])
})

/** As the administrator, so that nothing is refused for want of a right. */
function send({ method = 'GET', target, body, contentType = 'application/json' }: Sent): Promise<Answer> {
  return ask(node.url + target, {
    method,
    authorization: administrator,
    ...(body === undefined ? {} : { body, headers: { 'content-type': contentType } }),
  })
}

function nameOf({ method = 'GET', target, body, contentType }: Sent): string {
  const parts = [method, target, contentType, body].filter((part) => part !== undefined).join(' ')
  return parts.length > 120 ? `${parts.slice(0, 120)}…` : parts
}
