import { networkInterfaces } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ask } from '../support/ask.ts'
import { NodePlace, type NodeProcess, testPrefix } from '../support/node-process.ts'
import { RawConnection } from '../support/raw-connection.ts'

const administratorPath = `/api/handles/${testPrefix}/ADMIN`

let place: NodePlace
beforeEach(async () => {
  place = await NodePlace.create()
})
afterEach(() => place[Symbol.asyncDispose]())

describe('slow clients', () => {
  test('one that drips its header is answered 408 after --request-timeout', async () => {
    const node = await place.start({ 'request-timeout': '500ms' })
    const slow = await RawConnection.open(node.url)
    const answer = await drip(
      slow,
      `GET ${administratorPath} HTTP/1.1\r\nHost: node\r\nX-Slow: ${'s'.repeat(500)}`,
    )
    expectTimeout(answer)
  })

  test('one that drips its body is answered 408, and nothing is written', async () => {
    const node = await place.start({ 'request-timeout': '500ms' })
    const slow = await RawConnection.open(node.url)
    slow.send(await putHeader('/api/handles/88.1000/slow', 10_000))
    expectTimeout(await drip(slow, `[${' '.repeat(500)}`))
    expect((await ask(`${node.url}/api/handles/88.1000/slow`)).status).toBe(404)
  })

  test('one that falls silent in a bulk registration is cut off, and the node goes on', async () => {
    const node = await place.start({ 'request-timeout': '500ms' })
    const slow = await RawConnection.open(node.url)
    const item = `{"handle":"88.1000/first","values":[]}\n`
    slow.send(await putHeader('/api/registrations', 10_000, 'application/x-ndjson'))
    slow.send(item + item.slice(0, 9))
    expect(await slow.untilEnd()).not.toMatch(/HTTP\/1\.1 408.*HTTP\/1\.1/s)
    expect((await ask(`${node.url}/health/live`)).status).toBe(200)
  })

  test('others are served meanwhile', async () => {
    const node = await place.start({ 'request-timeout': '10s' })
    const slow = await Promise.all(Array.from({ length: 200 }, () => RawConnection.open(node.url)))
    for (const connection of slow) connection.send(`GET ${administratorPath} HTTP/1.1\r\nHost: n`)
    expect((await ask(node.url + administratorPath)).status).toBe(200)
    for (const connection of slow) connection.destroy()
  })

  async function putHeader(path: string, contentLength: number, type = 'application/json'): Promise<string> {
    const method = path === '/api/registrations' ? 'POST' : 'PUT'
    const lines = [
      `${method} ${path} HTTP/1.1`,
      'Host: node',
      `Authorization: ${await place.authorization()}`,
      `Content-Type: ${type}`,
      `Content-Length: ${contentLength}`,
    ]
    return `${lines.join('\r\n')}\r\n\r\n`
  }
})

describe('clients that leave', () => {
  test('one that closes its sending side still gets its answer', async () => {
    const node = await place.start()
    const client = await RawConnection.open(node.url)
    client.send(`GET ${administratorPath} HTTP/1.1\r\nHost: node\r\n\r\n`)
    client.halfClose()
    expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 200 OK.*"responseCode":1,/s)
  })

  test('one that vanishes in the middle of a request makes room for others', async () => {
    const node = await place.start({ 'requests-in-flight-max': '3' })
    for (let round = 0; round < 3; round++) {
      const clients = await occupy(node, 3)
      for (const client of clients) client.destroy()
      await expect.poll(async () => (await ask(node.url + administratorPath)).status).toBe(200)
    }
  })
})

test('beyond --requests-in-flight-max new requests get 503 with Retry-After, until one is answered', async () => {
  const node = await place.start({ 'requests-in-flight-max': '2' })
  const [first, second] = await occupy(node, 2)
  // A worker tells a client to go on before it counts the request: another worker may take the next one in between.
  await expect.poll(async () => (await ask(node.url + administratorPath)).status).toBe(503)
  const refused = await ask(node.url + administratorPath)
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
  expect(refused.json()).toEqual({ responseCode: 3, message: '2 requests are under way already' })
  first?.send('[]')
  await first?.until(/HTTP\/1\.1 401/)
  // Another worker may take the next request before the one that answered has counted its answer out.
  await expect.poll(async () => (await ask(node.url + administratorPath)).status).toBe(200)
  second?.destroy()
})

test('IPv4 and IPv6 are both answered, on one port, wherever the machine has them', async () => {
  const hasIpv6 = Object.values(networkInterfaces())
    .flat()
    .some((face) => face?.address === '::1')
  const hosts = hasIpv6 ? ['127.0.0.1', '::1'] : ['127.0.0.1']
  const node = await place.start({ host: hosts })
  expect(new Set(node.urls.map((url) => new URL(url).port)).size).toBe(1)
  for (const url of node.urls) {
    const answer = await ask(url + administratorPath)
    expect([answer.status, answer.json().responseCode]).toEqual([200, 1])
    const { site } = (await ask(`${url}/api/site`)).json() as { site: { servers: { address: string }[] } }
    expect(site.servers[0]?.address).toBe(new URL(url).hostname.replace(/[[\]]/g, ''))
  }
  expect((await node.stop()).code).toBe(0)
})

test('an address that the machine does not have is passed over, unless it is the only one', async () => {
  // TEST-NET-1 (RFC 5737): no machine has an address of it.
  const node = await place.start({ host: ['127.0.0.1', '192.0.2.1'] }, { listening: 1 })
  expect(node.stdout()).toMatch(/"host":"192\.0\.2\.1","msg":"this machine does not have the address/)
  await node.stop()
  const only = await place.serveToEnd({ host: '192.0.2.1' })
  expect(only.code).toBe(1)
  expect(only.stderr).toContain('none of 192.0.2.1 can be used')
})

test('what is not HTTP is answered 400 and the connection closed', async () => {
  const node = await place.start()
  const stranger = await RawConnection.open(node.url)
  stranger.send('\x16\x03\x01 hello\r\n\r\n')
  expect(await stranger.untilEnd()).toMatch(
    /^HTTP\/1\.1 400 Bad Request.*\{"responseCode":4,"message":"this is not HTTP/s,
  )
})

/** Requests that are under way because their bodies do not come; without credentials, since they get no further. */
async function occupy(node: NodeProcess, count: number): Promise<RawConnection[]> {
  const header = `PUT /api/handles/${testPrefix}/occupier HTTP/1.1\r\nHost: node\r\nContent-Length: 2\r\n`
  return Promise.all(
    Array.from({ length: count }, async () => {
      const connection = await RawConnection.open(node.url)
      connection.send(`${header}Content-Type: application/json\r\nExpect: 100-continue\r\n\r\n`)
      await connection.until(/^HTTP\/1\.1 100 Continue/)
      return connection
    }),
  )
}

/** Sends a byte every few milliseconds until the other side has had enough. */
async function drip(connection: RawConnection, text: string): Promise<string> {
  for (const byte of text) {
    if (connection.isClosed) break
    connection.send(byte)
    await sleep(5)
  }
  return connection.untilEnd()
}

function expectTimeout(answer: string): void {
  expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/)
  expect(answer).toMatch(/\{"responseCode":4,"message":"the request did not arrive in time"\}$/)
}
