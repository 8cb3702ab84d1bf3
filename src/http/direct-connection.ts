import { Socket } from 'node:net'
import { assert } from '../support/assert.ts'
import type { ServerSocket } from './client-errors.ts'
import {
  documentedConnections,
  type FirstReader,
  type LaneConnection,
  type LaneConnections,
} from './lane-connection.ts'

/**
 * Reads into one buffer for all connections and writes without the machinery of streams, which costs more than the lane does
 * (`npm run bench:hot-path`, docs/decisions/008). Node documents neither for the sockets of a server: undefined where this
 * Node lacks a part of it, and `test/http/direct-connection.test.ts` says so then.
 */
export function directConnections(): LaneConnections | undefined {
  const parts = findParts()
  if (parts === undefined) return undefined
  return (socket, read) => {
    const direct = socket as DirectSocket
    const { useUserBuffer, writeBuffer } = direct._handle ?? {}
    if (typeof useUserBuffer === 'function' && typeof writeBuffer === 'function')
      new DirectConnection(direct, read, parts)
    else documentedConnections(socket, read)
  }
}

/** The parts of Node that the documentation does not name. */
type Parts = {
  readonly buffer: symbol
  readonly received: symbol
  readonly waitingBytes: symbol
  readonly WriteRequest: new () => WriteRequest
  /** What the last call of a handle came to: `[isAsyncAt]` is not 0 while its bytes are still being sent. */
  readonly state: Int32Array
  readonly isAsyncAt: number
}

type WriteRequest = { oncomplete?: (status: number) => void; buffer?: Buffer }
type Handle = {
  useUserBuffer(buffer: Buffer): void
  writeBuffer(request: WriteRequest, bytes: Buffer): number
}
type DirectSocket = ServerSocket & {
  readonly _handle: Handle | null | undefined
  _unrefTimer(): void
  [part: symbol]: unknown
}

// What libuv offers a read by default. Filled and read within one call, so all connections of a thread share it.
const shared = Buffer.allocUnsafeSlow(65_536)

class DirectConnection implements LaneConnection {
  readonly #socket: DirectSocket
  readonly #parts: Parts
  #isSending = false
  #request: WriteRequest

  constructor(socket: DirectSocket, read: FirstReader, parts: Parts) {
    this.#socket = socket
    this.#parts = parts
    this.#request = new parts.WriteRequest()
    const [parse] = socket.listeners('data') as ((chunk: Buffer) => void)[]
    assert(parse !== undefined, 'the server listens to a connection before the lane does')
    // Listening anew makes the server give back the handle, which its parser reads by itself until then.
    socket.removeListener('data', parse)
    socket.on('data', parse)
    let isDone = false
    socket[parts.buffer] = shared
    socket[parts.received] = (length: number, bytes: Buffer): boolean => {
      if (!isDone) {
        const taken = read(this, bytes, length)
        if (taken === true) return true
        isDone = taken === 'done'
      }
      return socket.push(Buffer.from(bytes.subarray(0, length)))
    }
    socket._handle?.useUserBuffer(shared)
  }

  get isReady(): boolean {
    const socket = this.#socket
    if (this.#isSending || !socket.writable || socket.writableLength > 0) return false
    // What the server paused or has not read yet comes first.
    return socket.readableFlowing === true && socket.readableLength === 0
  }

  write(bytes: Buffer): boolean {
    const { state, isAsyncAt } = this.#parts
    const failure = this.#socket._handle?.writeBuffer(this.#request, bytes)
    if (failure !== 0) {
      this.#socket.destroy()
      return true
    }
    if (state[isAsyncAt] === 0) return true
    this.#finishLater(bytes)
    return false
  }

  /** As Node's own writes do: whoever takes an answer slowly is not idle meanwhile. */
  #finishLater(bytes: Buffer): void {
    const socket = this.#socket
    const request = this.#request
    this.#request = new this.#parts.WriteRequest()
    this.#isSending = true
    socket[this.#parts.waitingBytes] = bytes.length
    request.buffer = bytes
    request.oncomplete = (status) => {
      this.#isSending = false
      socket[this.#parts.waitingBytes] = 0
      if (status < 0) socket.destroy()
      else if (!socket.destroyed) socket._unrefTimer()
    }
  }
}

function findParts(): Parts | undefined {
  const probe = new Socket({ onread: { buffer: Buffer.alloc(1), callback: () => true } })
  const symbolOf = (name: string): symbol | undefined =>
    Object.getOwnPropertySymbols(probe).find(({ description }) => description === name)
  const buffer = symbolOf('kBuffer')
  const received = symbolOf('kBufferCb')
  const waitingBytes = symbolOf('lastWriteQueueSize')
  const binding = streamBinding()
  if (!buffer || !received || !waitingBytes || !binding) return undefined
  if (typeof Reflect.get(probe, '_unrefTimer') !== 'function') return undefined
  const { WriteWrap: WriteRequest, streamBaseState: state, kLastWriteWasAsync: isAsyncAt } = binding
  if (!WriteRequest || !state || isAsyncAt === undefined) return undefined
  return { buffer, received, waitingBytes, WriteRequest, state, isAsyncAt }
}

type StreamBinding = {
  readonly WriteWrap?: Parts['WriteRequest']
  readonly streamBaseState?: Int32Array
  readonly kLastWriteWasAsync?: number
}

function streamBinding(): StreamBinding | undefined {
  const { binding } = process as unknown as { binding?: (name: string) => StreamBinding }
  try {
    return binding?.('stream_wrap')
  } catch {
    // Refused under Node's permission model; the documented way is left.
    return undefined
  }
}
