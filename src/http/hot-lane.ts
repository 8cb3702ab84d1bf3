import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Node } from '../node.ts'
import { etagOf, type ResolvedRecord } from '../resolved-record.ts'
import { assert } from '../support/assert.ts'
import { systemClock } from '../support/clock.ts'
import type { Admission } from './admission.ts'
import type { ServerSocket } from './client-errors.ts'
import { publicCacheControl, variesBy } from './conditional.ts'
import { jsonContentType } from './error-answers.ts'
import { RequestReader } from './hot-lane-request.ts'
import type { LatencySeries } from './request-latency.ts'

export type HotLaneParts = {
  readonly node: Pick<Node, 'config' | 'resolver'>
  readonly admission: Pick<Admission, 'isOpen'>
  /** Where the same requests are counted when they go the long way. */
  readonly latency: LatencySeries
}

/**
 * Answers plain GETs of cached handles from ready bytes, before the server parses them; every other byte reaches the
 * server as it came. The first request of a connection is always the server's: its answer leaves the connection idle
 * with all timers and lists as the server keeps them, and an answer of the lane changes none of that.
 */
export class HotLane {
  readonly #parts: HotLaneParts
  readonly #headEnd: string
  #dateSecond = 0
  #date = ''

  constructor(parts: HotLaneParts) {
    this.#parts = parts
    const { keepAliveTimeout } = parts.node.config
    const keepAlive =
      keepAliveTimeout > 0 ? `Keep-Alive: timeout=${Math.floor(keepAliveTimeout / 1000)}\r\n` : ''
    this.#headEnd = `\r\nConnection: keep-alive\r\n${keepAlive}\r\n`
  }

  /** Stands before the server's own parser on each connection from now on. */
  attach(server: Server): void {
    server.on('connection', (socket: Socket) => this.#watch(socket))
  }

  #watch(socket: ServerSocket): void {
    const [parse] = socket.listeners('data') as ((chunk: Buffer) => void)[]
    assert(parse !== undefined, 'the server listens to a connection before the lane does')
    const reader = new RequestReader(this.#parts.node.config)
    let isFirst = true
    const take = (chunk: Buffer): void => {
      const arrival = reader.read(chunk)
      if (arrival === 'askable' && !isFirst && this.#answer(socket, reader.handleInTarget)) return
      isFirst = false
      if (arrival === 'foreign') {
        socket.removeListener('data', take)
        socket.on('data', parse)
      }
      parse(chunk)
    }
    socket.removeListener('data', parse)
    socket.on('data', take)
  }

  /** False where the server must answer: not cached, not as registered, or an earlier answer still under way. */
  #answer(socket: ServerSocket, handleInTarget: string): boolean {
    const startMs = performance.now()
    if (socket._httpMessage || !socket.writable || socket.writableLength > 0) return false
    if (!this.#parts.admission.isOpen()) return false
    const text = decoded(handleInTarget)
    if (text === undefined || Buffer.byteLength(text) > this.#parts.node.config.handleBytesMax) return false
    const resolved = this.#parts.node.resolver.cached(text, hasSteadyAnswer)
    if (resolved === undefined) return false
    socket.write(this.#bytesOf(resolved))
    // Still being sent: these bytes must not get another date meanwhile.
    if (socket.writableLength > 0) resolved.ready = undefined
    this.#parts.latency.observe((performance.now() - startMs) / 1000)
    return true
  }

  #bytesOf(resolved: ResolvedRecord): Buffer {
    this.#tellTime()
    if (resolved.ready === undefined) return this.#makeReady(resolved)
    const { ready } = resolved
    if (ready.dateSecond !== this.#dateSecond) {
      ready.bytes.write(this.#date, ready.dateStart, 'latin1')
      ready.dateSecond = this.#dateSecond
    }
    return ready.bytes
  }

  #makeReady(resolved: ResolvedRecord): Buffer {
    const { publicBody } = resolved
    const head =
      `HTTP/1.1 200 OK\r\ncontent-type: ${jsonContentType}\r\n` +
      `etag: ${etagOf(resolved)}\r\ncache-control: ${publicCacheControl(resolved, 0)}\r\nvary: ${variesBy}\r\n` +
      `content-length: ${publicBody.length}\r\nDate: ${this.#date}${this.#headEnd}`
    const bytes = Buffer.concat([Buffer.from(head, 'latin1'), publicBody])
    resolved.ready = { bytes, dateStart: head.indexOf(this.#date), dateSecond: this.#dateSecond }
    // One copy of the body is enough.
    resolved.publicBody = bytes.subarray(head.length)
    return bytes
  }

  #tellTime(): void {
    const nowMs = systemClock.nowMs()
    const second = Math.floor(nowMs / 1000)
    if (second === this.#dateSecond) return
    this.#dateSecond = second
    this.#date = new Date(nowMs).toUTCString()
  }
}

/** The freshness of a record that ends at a moment changes every second: its answer cannot be kept. */
function hasSteadyAnswer(resolved: ResolvedRecord): boolean {
  return resolved.untilSeconds === undefined
}

function decoded(handleInTarget: string): string | undefined {
  if (!handleInTarget.includes('%')) return handleInTarget
  try {
    return decodeURIComponent(handleInTarget)
  } catch (error) {
    // The server has the words for it.
    if (error instanceof URIError) return undefined
    throw error
  }
}
