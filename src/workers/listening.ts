import type { FastifyBaseLogger } from 'fastify'
import { type PortSharing, startHttpServer } from '../http/server.ts'
import type { Node } from '../node.ts'
import { startWireServer } from '../wire/server.ts'

/** A node, or one thread of it, that answers. */
export type Listening = {
  /** One URL for each address of the HTTP API. */
  readonly urls: readonly string[]
  /** Stops listening in the turn of the call, answers what was accepted, closes the node. */
  close(): Promise<void>
}

/** Listens over HTTP and the native protocol. The node is handed over: it is closed with them, and when they cannot start. @throws StartupError */
export async function startListening(
  node: Node,
  log: FastifyBaseLogger,
  sharing?: PortSharing,
): Promise<Listening> {
  await using opened = new AsyncDisposableStack()
  opened.defer(() => node.close())
  const servers: { close(): Promise<void> }[] = []
  // At the same time: both refuse from then on, and the time that accepted requests have is one.
  opened.defer(async () => void (await Promise.all(servers.map((server) => server.close()))))
  const http = await startHttpServer(node, log, sharing)
  servers.push(http)
  servers.push(await startWireServer(node, log, http.urls))
  const closing = opened.move()
  return { urls: http.urls, close: () => closing.disposeAsync() }
}
