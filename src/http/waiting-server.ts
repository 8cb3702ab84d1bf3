import { createServer, type Server } from 'node:http'
import type { NodeConfig } from '../config.ts'
import { HandleError } from '../errors.ts'
import { jsonContentType } from './error-answers.ts'
import { cannotListen } from './port-claim.ts'

/** Answers for a node whose store cannot be reached yet. */
export type WaitingServer = {
  /** Why the node waits, as `/health/ready` tells it from now on. */
  tell(reason: string): void
  close(): Promise<void>
}

const retryAfterSeconds = 1

/**
 * Listens while the node waits for its store: alive, not ready, and 503 with response code 3 to everyone else, so that a load
 * balancer and an operator see why. @throws StartupError ADDRESS_IN_USE
 */
export async function startWaitingServer({
  host,
  port,
}: Pick<NodeConfig, 'host' | 'port'>): Promise<WaitingServer> {
  let reason = 'waiting for the store'
  const servers = host.map(() =>
    createServer((request, response) => {
      const isLive = request.url === '/health/live'
      const isReady = request.url === '/health/ready'
      response.statusCode = isLive ? 200 : 503
      response.setHeader('content-type', jsonContentType)
      if (!isLive) response.setHeader('retry-after', retryAfterSeconds)
      response.end(JSON.stringify(isLive ? { status: 'live' } : isReady ? unready(reason) : busy(reason)))
    }),
  )
  await Promise.all(servers.map((server, place) => listening(server, { host: host[place] ?? '', port })))
  return {
    tell: (why) => {
      reason = why
    },
    close: async () => {
      await Promise.all(servers.map(closed))
    },
  }
}

function unready(reason: string) {
  return { status: 'unready', reason }
}

function busy(reason: string) {
  const { responseCode, message } = new HandleError('STORE_UNAVAILABLE', reason)
  return { responseCode, message }
}

/** An address that this machine does not have is passed over, as the node itself does. */
function listening(server: Server, at: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT') resolve()
      else reject(cannotListen(at, error))
    })
    server.listen(at, resolve)
  })
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) return resolve()
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
