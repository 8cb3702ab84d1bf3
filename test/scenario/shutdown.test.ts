import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ask } from '../support/ask.ts'
import { NodePlace, type NodeProcess, testPrefix } from '../support/node-process.ts'
import { RawConnection } from '../support/raw-connection.ts'

const record = JSON.stringify([{ index: 1, type: 'URL', data: 'https://example.org/accepted' }])
const item = (name: string) =>
  `${JSON.stringify({ handle: `${testPrefix}/${name}`, values: JSON.parse(record) })}\n`

let place: NodePlace
beforeEach(async () => {
  place = await NodePlace.create()
})
afterEach(() => place[Symbol.asyncDispose]())

describe('a node that is asked to stop', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`answers what it accepted, refuses what comes after, and exits with 0 (${signal})`, async () => {
      const node = await place.start()
      const put = await acceptedPut(node, 'single')
      const bulk = await acceptedBulk(node)
      node.signal(signal)
      await logged(node, 'shutting down')

      await expect(RawConnection.open(node.url)).rejects.toThrow('ECONNREFUSED')
      bulk.send(`${chunk(item('bulk-2'))}0\r\n\r\n`)
      expect((await bulk.until(/0\r\n\r\n$/)).match(/"status":"created"/g)).toHaveLength(2)
      put.send(`${record}GET /health/live HTTP/1.1\r\nHost: node\r\n\r\n`)
      const answers = await put.untilEnd()
      expect(answers).toMatch(/^HTTP\/1\.1 201 Created/)
      expect(answers).toMatch(/HTTP\/1\.1 503 Service Unavailable\r\n(?:.*\r\n)*retry-after: \d+\r\n/i)

      const { code, stdout, stderr } = await node.ended
      expect(code, stderr).toBe(0)
      expect(stdout).toContain('"msg":"stopped"')
      const next = await place.start()
      for (const name of ['single', 'bulk-1', 'bulk-2']) {
        expect((await ask(`${next.url}/api/handles/${testPrefix}/${name}`)).status).toBe(200)
      }
    })
  }

  test('does not wait for idle connections', async () => {
    const node = await place.start({ 'shutdown-timeout': '60s' })
    const idle = await RawConnection.open(node.url)
    idle.send('GET /health/live HTTP/1.1\r\nHost: node\r\n\r\n')
    await idle.until(/"live"/)
    const silent = await RawConnection.open(node.url)
    expect((await node.stop()).code).toBe(0)
    expect(await silent.untilEnd()).toBe('')
    await idle.untilEnd()
  })

  test('cuts a request that outlasts --shutdown-timeout', async () => {
    const node = await place.start({ 'shutdown-timeout': '300ms' })
    const stalled = await acceptedPut(node, 'stalled')
    expect((await node.stop()).code).toBe(0)
    expect(await stalled.untilEnd()).not.toContain('201')
  })

  test('ends at once at the second signal', async () => {
    const node = await place.start({ 'shutdown-timeout': '60s' })
    const stalled = await acceptedPut(node, 'stalled')
    node.signal('SIGTERM')
    await logged(node, 'shutting down')
    expect((await node.stop()).code).toBe(1)
    await stalled.untilEnd()
  })
})

describe('a node that cannot start', () => {
  test('says that its data directory is in use, and leaves the one that uses it alone', async () => {
    const first = await place.start()
    const second = await place.serveToEnd()
    expect(second.code).toBe(1)
    expect(second.stderr).toMatch(/data directory ".*" is in use by another process: stop it/)
    expect((await ask(`${first.url}/health/ready`)).status).toBe(200)
    expect((await ask(`${first.url}/api/handles/${testPrefix}/ADMIN`)).status).toBe(200)
  })

  test('says that its port is in use', async () => {
    const first = await place.start()
    await using elsewhere = await NodePlace.create()
    const { port } = new URL(first.url)
    const second = await elsewhere.serveToEnd({ port })
    expect(second.code).toBe(1)
    expect(second.stderr).toContain(
      `cannot listen on 127.0.0.1 port ${port}: it is in use by another process`,
    )
  })

  test('ends, whatever a library has left behind', async () => {
    const first = await place.start()
    await using elsewhere = await NodePlace.create()
    const { port } = new URL(first.url)
    const leaves = 'data:text/javascript,setInterval(() => undefined, 1000)'
    const under = ['env', `NODE_OPTIONS=--import ${JSON.stringify(leaves)}`]
    const second = await elsewhere.serveToEnd({ port, workers: '1' }, { under })
    expect(second.code).toBe(1)
    expect(second.stderr).toContain('cannot listen')
  })

  test('names every setting that is wrong at once', async () => {
    const { code, stderr } = await place.serveToEnd({ port: '70000', durability: 'maybe', prefix: '88 118' })
    expect(code).toBe(2)
    expect(stderr).toMatch(/--port is "70000"; expected an integer from 0 to 65535/)
    expect(stderr).toMatch(/--durability is "maybe"/)
    expect(stderr).toMatch(/--prefix is "88 118"; expected a prefix such as 88\.118/)
  })
})

/** A PUT whose header has been accepted and whose body is still to come. */
async function acceptedPut(node: NodeProcess, name: string): Promise<RawConnection> {
  const connection = await RawConnection.open(node.url)
  const lines = [
    `PUT /api/handles/${testPrefix}/${name} HTTP/1.1`,
    'Host: node',
    `Authorization: ${await place.authorization()}`,
    'Content-Type: application/json',
    `Content-Length: ${record.length}`,
    'Expect: 100-continue',
  ]
  connection.send(`${lines.join('\r\n')}\r\n\r\n`)
  await connection.until(/^HTTP\/1\.1 100 Continue\r\n\r\n/)
  connection.forget()
  return connection
}

/** A bulk registration that has been given one item of two. */
async function acceptedBulk(node: NodeProcess): Promise<RawConnection> {
  const connection = await RawConnection.open(node.url)
  const lines = [
    'POST /api/registrations HTTP/1.1',
    'Host: node',
    `Authorization: ${await place.authorization()}`,
    'Content-Type: application/x-ndjson',
    'Transfer-Encoding: chunked',
    'Expect: 100-continue',
  ]
  connection.send(`${lines.join('\r\n')}\r\n\r\n`)
  await connection.until(/^HTTP\/1\.1 100 Continue\r\n\r\n/)
  connection.send(chunk(item('bulk-1')))
  connection.forget()
  return connection
}

function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
}

async function logged(node: NodeProcess, message: string): Promise<void> {
  await expect.poll(node.stdout, { timeout: 10_000, interval: 10 }).toContain(`"msg":"${message}"`)
}
