/** What both clients of HTTP do alike: following redirects, and naming what was asked of whom when it fails. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import {
  type Exchanger,
  HttpExchange,
  type HttpExchangeOptions,
} from '../../../bench/target/http-exchange.ts'
import { LeanExchange } from '../../../bench/target/lean-exchange.ts'
import { systemClock } from '../../../src/support/clock.ts'

const { signal } = new AbortController()
const closers: (() => Promise<unknown> | unknown)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const exchangers = {
  'the general client': (options: HttpExchangeOptions) => new HttpExchange(options),
  'the lean client': (options: HttpExchangeOptions) => new LeanExchange(options),
}

describe.each(Object.entries(exchangers))('%s', (_name, create) => {
  const open = (url: string, given: { readonly timeoutSeconds?: number } = {}): Exchanger => {
    const exchange = create({ url, connections: 1, timeoutSeconds: 20, clock: systemClock, ...given })
    closers.push(() => exchange.close())
    return exchange
  }

  test('takes a relative redirect as relative to the request that was redirected, at each hop', async () => {
    const asked: string[] = []
    const hops: Record<string, string> = {
      '/base/api/handles/88.118/a?x=1': 'b?again=1',
      '/base/api/handles/88.118/b?again=1': '../c',
      '/base/api/handles/c': '?last',
    }
    const url = await serve(({ url: path = '' }, response) => {
      asked.push(path)
      const location = hops[path]
      if (location === undefined) response.end('here')
      else response.writeHead(307, { location }).end()
    })
    const answer = await open(`${url}/base`).send(get('/api/handles/88.118/a?x=1'), signal)
    expect(answer.body.toString()).toBe('here')
    expect(asked).toEqual([...Object.keys(hops), '/base/api/handles/c?last'])
  })

  test('quotes a redirect to what is no address, and takes one to nowhere as the answer', async () => {
    const url = await serve(({ url: path }, response) => {
      response.writeHead(302, path === '/nowhere' ? {} : { location: 'http://[' }).end()
    })
    const exchange = open(url)
    await expect(exchange.send(get('/x'), signal)).rejects.toMatchObject({
      code: 'PROTOCOL',
      message: `GET ${url}/x: redirected to "http://[", which is no address`,
    })
    expect((await exchange.send(get('/nowhere'), signal)).status).toBe(302)
  })

  test('says of whom it asked what when no answer comes in time, by its own limit or the caller’s', async () => {
    const url = await serve(() => undefined)
    await expect(open(url, { timeoutSeconds: 0.2 }).send(get('/x'), signal)).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: `GET ${url}/x: no answer within 0.2 s`,
    })
    await expect(open(url).send(get('/x'), AbortSignal.timeout(200))).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringMatching(/^GET http:\S+\/x: no answer within \d+(\.\d)? s$/),
    })
    const stop = new AbortController()
    const pending = open(url).send(get('/x'), stop.signal)
    stop.abort()
    await expect(pending).rejects.toMatchObject({
      code: 'ABORTED',
      message: `GET ${url}/x: stopped before it was answered`,
    })
  })

  test('says of whom it asked what when the connection ends, or something else than HTTP comes', async () => {
    const url = await serve((request) => {
      if (request.url === '/garbage') request.socket.end('garbage\r\n\r\n')
      else request.socket.destroy()
    })
    for (const path of ['/gone', '/garbage']) {
      await expect(open(url).send(get(path), signal)).rejects.toMatchObject({
        message: expect.stringMatching(`^GET ${url}${path}: .`),
      })
    }
  })
})

function get(path: string) {
  return { method: 'GET', path } as const
}

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer)
  server.listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
