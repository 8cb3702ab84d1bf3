import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** A server with the connections that it holds open. */
export type Listener = { readonly server: Server; readonly sockets: ReadonlySet<Socket> }

/** Follows the connections of a server from its start. */
export function listenerOf(server: Server): Listener {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return { server, sockets }
}

/** Stops listening, waits for the answers under way and cuts those that take longer than `cutAfterMs`. */
export async function drain(
  listeners: readonly Listener[],
  options: { readonly cutAfterMs: number },
): Promise<void> {
  const closed = listeners.map(({ server }) => new Promise((resolve) => server.close(resolve)))
  const cut = setTimeout(() => {
    for (const { server } of listeners) server.closeAllConnections()
  }, options.cutAfterMs)
  // A connection that was busy when listening ended falls idle with its answer, and would stay so for minutes.
  const closeIdle = setInterval(() => listeners.forEach(closeIdleConnections), idleCheckMs)
  await Promise.all(closed)
  clearTimeout(cut)
  clearInterval(closeIdle)
}

const idleCheckMs = 20

/** Also those that never said anything, such as a browser's spare ones, which Node takes for busy. */
function closeIdleConnections({ server, sockets }: Listener): void {
  server.closeIdleConnections()
  for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
}
