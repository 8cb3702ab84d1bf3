import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { HandleError } from '../errors.ts'
import { excessOf, parseHandle } from '../identifier/handle.ts'
import type { Node } from '../node.ts'
import { publicBodyFor, type ResolvedRecord, strongTag } from '../resolved-record.ts'
import { nowSeconds, systemClock } from '../support/clock.ts'
import type { LatencySeries } from '../support/latency-series.ts'
import type { Admission } from './admission.ts'
import type { ServerSocket } from './client-errors.ts'
import { absentCacheControl, publicCacheControl, variesBy } from './conditional.ts'
import { directConnections } from './direct-connection.ts'
import { jsonContentType } from './error-answers.ts'
import { RequestReader } from './hot-lane-request.ts'
import { documentedConnections, type LaneConnection, type LaneConnections } from './lane-connection.ts'
import { notFoundBody } from './resolution-answer.ts'

export type HotLaneParts = {
  readonly node: Pick<Node, 'config' | 'resolver' | 'clock'>
  readonly admission: Pick<Admission, 'isOpen'>
  /** Where the same requests are counted when they go the long way. */
  readonly latency: { readonly found: LatencySeries; readonly absent: LatencySeries }
  /** How it stands before the server; the fastest way that this Node has unless given. */
  readonly connections?: LaneConnections
}

/**
 * Answers plain GETs of handles before the server parses them: cached ones from ready bytes, others where the store
 * answers at once; every other byte reaches the server as it came. The first request of a connection is always the server's: its answer leaves the connection idle
 * with all timers and lists as the server keeps them, and an answer of the lane changes none of that.
 */
export class HotLane {
  readonly #parts: HotLaneParts
  readonly #connections: LaneConnections
  readonly #headEnd: string
  /** Where answers that are sent once are put together; a new one when a socket still holds this one. */
  #scratch = Buffer.allocUnsafeSlow(scratchBytes)
  #dateSecond = 0
  #date = ''

  constructor(parts: HotLaneParts) {
    this.#parts = parts
    this.#connections = parts.connections ?? directConnections() ?? documentedConnections
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
    const reader = new RequestReader(this.#parts.node.config)
    let isFirst = true
    this.#connections(socket, (connection, bytes, length) => {
      const arrival = reader.read(bytes, length)
      if (arrival === 'askable' && !isFirst && !socket._httpMessage && connection.isReady)
        if (this.#answer(connection, reader.handleInTarget)) return true
      isFirst = false
      return arrival === 'foreign' ? 'done' : false
    })
  }

  /** False where the server must answer: not its to find, malformed, or an earlier answer still under way. */
  #answer(connection: LaneConnection, handleInTarget: string): boolean {
    const startMs = performance.now()
    if (!this.#parts.admission.isOpen()) return false
    const text = decoded(handleInTarget)
    if (text === undefined || excessOf(text, this.#parts.node.config) !== undefined) return false
    const cached = this.#parts.node.resolver.cached(text, hasSteadyAnswer)
    const found = cached ?? this.#read(text)
    if (found === 'unknown') return false
    const bytes = cached !== undefined ? this.#bytesOf(cached) : this.#bytesFor(found, text)
    if (!connection.write(bytes)) this.#leaveAlone(bytes, found)
    const { latency } = this.#parts
    const series = found === undefined ? latency.absent : latency.found
    series.observe((performance.now() - startMs) / 1000)
    return true
  }

  /** The record that is not ready in the cache, undefined when there is none; unknown where the server must find out. */
  #read(text: string): ResolvedRecord | undefined | 'unknown' {
    const { resolver, config } = this.#parts.node
    if (!resolver.readsAtOnce) return 'unknown'
    try {
      const handle = parseHandle(text, config)
      return resolver.resolve(handle, { authoritative: false }) as ResolvedRecord | undefined
    } catch (error) {
      if (error instanceof HandleError) return 'unknown'
      throw error
    }
  }

  /** What was just read from the store. */
  #bytesFor(resolved: ResolvedRecord | undefined, text: string): Buffer {
    this.#tellTime()
    if (resolved === undefined) return this.#absence(text)
    if (resolved.handle === text) return this.#putTogether(resolved)
    const body = publicBodyFor(resolved, text)
    const head = this.#foundHead(resolved, { etag: strongTag(body), bodyBytes: body.length })
    return Buffer.concat([Buffer.from(head, 'latin1'), body])
  }

  #absence(text: string): Buffer {
    const body = notFoundBody(text)
    return Buffer.from(
      `HTTP/1.1 404 Not Found\r\ncontent-type: ${jsonContentType}\r\ncache-control: ${absentCacheControl}\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\nDate: ${this.#date}${this.#headEnd}${body}`,
    )
  }

  /** What was hit in the cache. */
  #bytesOf(resolved: ResolvedRecord): Buffer {
    this.#tellTime()
    const { ready } = resolved
    if (ready === undefined) return resolved.isKept ? this.#makeReady(resolved) : this.#putTogether(resolved)
    if (ready.dateSecond !== this.#dateSecond) {
      ready.bytes.write(this.#date, ready.dateStart, 'latin1')
      ready.dateSecond = this.#dateSecond
    }
    return ready.bytes
  }

  #makeReady(resolved: ResolvedRecord): Buffer {
    const head = this.#foundHead(resolved, resolved)
    // Not of Node's pool, all of which it would keep.
    const bytes = Buffer.allocUnsafeSlow(head.length + resolved.bodyBytes)
    fill(bytes, head, resolved)
    resolved.ready = { bytes, dateStart: head.indexOf(this.#date), dateSecond: this.#dateSecond }
    return bytes
  }

  /** An answer that is not kept: without memory of its own, which the collector would have to find again. */
  #putTogether(resolved: ResolvedRecord): Buffer {
    const head = this.#foundHead(resolved, resolved)
    const length = head.length + resolved.bodyBytes
    const bytes = length > scratchBytes ? Buffer.allocUnsafe(length) : this.#scratch.subarray(0, length)
    fill(bytes, head, resolved)
    return bytes
  }

  /** These bytes are still being sent: they must not become another answer, or get another date, meanwhile. */
  #leaveAlone(bytes: Buffer, resolved: ResolvedRecord | undefined): void {
    if (bytes.buffer === this.#scratch.buffer) this.#scratch = Buffer.allocUnsafeSlow(scratchBytes)
    else if (resolved !== undefined) resolved.ready = undefined
  }

  #foundHead(resolved: ResolvedRecord, facts: { readonly etag: string; readonly bodyBytes: number }): string {
    const cacheControl = publicCacheControl(resolved, nowSeconds(this.#parts.node.clock))
    return (
      `HTTP/1.1 200 OK\r\ncontent-type: ${jsonContentType}\r\n` +
      `etag: ${facts.etag}\r\ncache-control: ${cacheControl}\r\nvary: ${variesBy}\r\n` +
      `content-length: ${facts.bodyBytes}\r\nDate: ${this.#date}${this.#headEnd}`
    )
  }

  #tellTime(): void {
    const nowMs = systemClock.nowMs()
    const second = Math.floor(nowMs / 1000)
    if (second === this.#dateSecond) return
    this.#dateSecond = second
    this.#date = new Date(nowMs).toUTCString()
  }
}

function fill(bytes: Buffer, head: string, resolved: ResolvedRecord): void {
  bytes.write(head, 0, 'latin1')
  resolved.copyBody(bytes, head.length)
}

// Larger answers are rare and pay for memory of their own.
const scratchBytes = 65_536

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
