import { createServer, type Server } from 'node:net'
import type { NativeTraffic } from '../native-traffic.ts'
import type { Clock } from '../support/clock.ts'
import { AnswerBatch } from './answer-batch.ts'
import type { Answerer } from './answerer.ts'
import { WireConnection } from './connection.ts'
import type { WireHotLane } from './hot-lane.ts'

/** What one connection may take. */
export type ConnectionLimits = {
  readonly connectionsMax: number
  /** Requests of one connection that wait for answers; beyond them it is not read. */
  readonly inFlightMax: number
  /** The longest message that is read, its envelope apart. */
  readonly messageBytesMax: number
  readonly idleMs: number
}

/** Who answers, the lane what is plain and cached, the answerer everything; and where that is counted. */
export type Answering = {
  readonly answerer: Answerer
  readonly lane: WireHotLane
  readonly traffic: NativeTraffic
  readonly clock: Clock
}

/** A TCP listener, bound by its caller. */
export type TcpListener = {
  readonly server: Server
  /** Lets connections answer what they read, then closes them; cuts them after `cutAfterMs`. */
  close(cutAfterMs: number): Promise<void>
}

/** Requests of a connection may follow each other without waiting; answers come as they are ready, by request id. */
export function createTcpListener(answering: Answering, limits: ConnectionLimits): TcpListener {
  const traffic = answering.traffic.tcp
  const connections = new Set<WireConnection>()
  // One for all: what a connection reads is answered in the same turn.
  const batch = new AnswerBatch()
  const server = createServer({ noDelay: true }, (socket) => {
    const connection = new WireConnection(socket, { ...answering, batch }, limits)
    connections.add(connection)
    traffic.connectionsOpen++
    socket.once('close', () => {
      connections.delete(connection)
      traffic.connectionsOpen--
    })
  })
  server.on('drop', () => traffic.refused.connections++)
  server.maxConnections = limits.connectionsMax
  return {
    server,
    close: async (cutAfterMs) => {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const connection of connections) connection.finish()
      const cut = setTimeout(() => {
        for (const connection of connections) connection.cut()
      }, cutAfterMs)
      await closed
      clearTimeout(cut)
    },
  }
}
