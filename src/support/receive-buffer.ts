import type { Socket } from 'node:dgram'

/**
 * Asks the system for room for a burst of packets, once the socket is bound. Only where it has less: a request beyond
 * the system's bound (`net.core.rmem_max`) is cut to it, which may be less than what sockets have from the start.
 */
export function growReceiveBuffer(socket: Socket, bytes = burstBytes): void {
  if (socket.getRecvBufferSize() < bytes) socket.setRecvBufferSize(bytes)
}

const burstBytes = 4 * 2 ** 20
