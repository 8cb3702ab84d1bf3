import { assert } from '../support/assert.ts'
import type { ServerSocket } from './client-errors.ts'

/** A connection of the server as the hot lane sees it: it reads first, and writes what it answers itself. */
export interface LaneConnection {
  /** Whether what the lane writes now would follow all that was written before. */
  readonly isReady: boolean
  /** False when part of the bytes is still to be sent: they must not change until that is done. */
  write(bytes: Buffer): boolean
}

/**
 * Sees each piece of input first: `bytes` up to `length`, valid only during the call. False leaves it to the server, `done`
 * that and all that follows.
 */
export type FirstReader = (connection: LaneConnection, bytes: Buffer, length: number) => boolean | 'done'

/** Stands between a connection and the server's parser; called when the server has just taken the connection. */
export type LaneConnections = (socket: ServerSocket, read: FirstReader) => void

/** By listeners and writes as the documentation of node:net has them. */
export const documentedConnections: LaneConnections = (socket, read) => {
  const [parse] = socket.listeners('data') as ((chunk: Buffer) => void)[]
  assert(parse !== undefined, 'the server listens to a connection before the lane does')
  const connection: LaneConnection = {
    get isReady() {
      return socket.writable && socket.writableLength === 0
    },
    write: (bytes) => {
      socket.write(bytes)
      return socket.writableLength === 0
    },
  }
  const take = (chunk: Buffer): void => {
    const taken = read(connection, chunk, chunk.length)
    if (taken === true) return
    if (taken === 'done') {
      socket.removeListener('data', take)
      socket.on('data', parse)
    }
    parse(chunk)
  }
  socket.removeListener('data', parse)
  socket.on('data', take)
}
