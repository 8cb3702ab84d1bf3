import { createConnection, type Socket } from 'node:net'

const openAtOnce = 200
const everyMs = 50

/** Keeps opening connections that are reset after half a request, until the signal aborts. */
export function resetConnections(url: string, signal: AbortSignal): Promise<void> {
  return repeatedly(signal, () => {
    const socket = connect(url)
    socket.once('connect', () => {
      socket.write('GET /api/handles/half-a-requ')
      setTimeout(() => socket.resetAndDestroy(), 5)
    })
  })
}

/** Holds connections with requests that arrive a byte at a time, until the signal aborts. */
export async function holdConnections(url: string, signal: AbortSignal): Promise<void> {
  const sockets = new Set<Socket>()
  const request = 'GET /api/handles/slow/client HTTP/1.1\r\nHost: slow\r\nX-Padding: '
  let sent = 0
  await repeatedly(signal, () => {
    if (sockets.size < openAtOnce) {
      const socket = connect(url)
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    }
    const byte = request[sent++ % request.length] ?? 'x'
    for (const socket of sockets) socket.write(byte)
  })
  for (const socket of sockets) socket.destroy()
}

function connect(url: string): Socket {
  const { hostname, port } = new URL(url)
  const socket = createConnection({ host: hostname, port: Number(port) })
  // A node that drops such a connection does what it should.
  socket.on('error', () => socket.destroy())
  return socket
}

async function repeatedly(signal: AbortSignal, act: () => void): Promise<void> {
  while (!signal.aborted) {
    act()
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}
