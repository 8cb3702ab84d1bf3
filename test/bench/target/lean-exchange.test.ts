import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { HttpAnswer } from '../../../bench/target/http-exchange.ts'
import { LeanExchange } from '../../../bench/target/lean-exchange.ts'
import { systemClock } from '../../../src/support/clock.ts'

const { signal } = new AbortController()
const closers: (() => Promise<unknown> | unknown)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

test('a server that says 408 on an idle connection and closes it costs no request', async () => {
  const { url, sockets } = await serve((socket) => socket.write(answerOf('200 OK')))
  const exchange = open(url, { connections: 2 })
  for (let round = 0; round < 3; round++) {
    const answers = await Promise.all([ask(exchange), ask(exchange)])
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    await Promise.all([...sockets].map(sayGoodbye))
  }
  expect((await ask(exchange)).status).toBe(200)
})

test('while an answer is awaited a timer keeps the process running, and no longer', async () => {
  const { url } = await serve(() => undefined)
  const exchange = open(url, { timeoutSeconds: 0.1 })
  const idle = timersRunning()
  const pending = ask(exchange)
  expect(timersRunning()).toBe(idle + 1)
  await expect(pending).rejects.toMatchObject({ code: 'TIMEOUT' })
  expect(timersRunning()).toBeLessThanOrEqual(idle)
})

function timersRunning(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
}

function ask(exchange: LeanExchange): Promise<HttpAnswer> {
  return exchange.send({ method: 'GET', path: '/' }, signal)
}

function answerOf(status: string): string {
  return `HTTP/1.1 ${status}\r\ncontent-length: 0\r\n\r\n`
}

/** What a server does that has waited long enough for the next request. */
async function sayGoodbye(socket: Socket): Promise<void> {
  const closed = once(socket, 'close')
  socket.end('HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
  await closed
}

function open(url: string, given: { readonly connections?: number; readonly timeoutSeconds?: number } = {}) {
  const exchange = new LeanExchange({ url, connections: 1, timeoutSeconds: 5, clock: systemClock, ...given })
  closers.push(() => exchange.close())
  return exchange
}

/** A server that does something with each piece of what it reads. */
async function serve(receive: (socket: Socket, text: string) => void) {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.setEncoding('latin1').on('data', (text: string) => receive(socket, text))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  closers.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets }
}
