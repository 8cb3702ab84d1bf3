import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { growReceiveBuffer } from '../../src/support/receive-buffer.ts'
import { envelopeBytes } from '../../src/wire/codec/protocol.ts'

/** Where answers go: each message by where it lies, then the end of a turn, in which several may have come. */
export type Receiver = {
  received(bytes: Buffer, start: number, end: number): void
  turnEnded(): void
}

/** Carries messages as bytes, as cheaply as this runtime can: the client shares a machine with the server. */
export type RawChannel = {
  /** Takes a copy. */
  send(request: Buffer): void
  /** Sends what was taken since. */
  flush(): void
  close(): void
}

export type OpenRawChannel = (port: number, receiver: Receiver) => Promise<RawChannel>

/** A kept connection; what is sent between two flushes goes in one write. */
export async function openTcpChannel(port: number, receiver: Receiver): Promise<RawChannel> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  let unsent: Buffer[] = []
  let rest: Buffer | undefined
  socket.on('data', (chunk: Buffer) => {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk])
    let offset = 0
    while (bytes.length - offset >= envelopeBytes) {
      const end = offset + envelopeBytes + bytes.readInt32BE(offset + messageLengthStart)
      if (end > bytes.length) break
      receiver.received(bytes, offset, end)
      offset = end
    }
    rest = offset === bytes.length ? undefined : bytes.subarray(offset)
    receiver.turnEnded()
  })
  // What was not answered is counted as lost.
  socket.on('error', () => socket.destroy())
  return {
    send: (request) => unsent.push(request),
    flush: () => {
      if (unsent.length === 0) return
      socket.write(Buffer.concat(unsent))
      unsent = []
    },
    close: () => socket.destroy(),
  }
}

/** A connected UDP socket; answers in one packet, as those of ordinary records are. */
export async function openUdpChannel(port: number, receiver: Receiver): Promise<RawChannel> {
  const socket = createSocket('udp4')
  socket.connect(port, '127.0.0.1')
  await once(socket, 'connect')
  growReceiveBuffer(socket)
  socket.on('message', (packet) => {
    if (packet.length >= envelopeBytes) receiver.received(packet, 0, packet.length)
    receiver.turnEnded()
  })
  // A packet that could not be sent is one that is not answered.
  socket.on('error', () => undefined)
  return {
    send: (request) => socket.send(Buffer.from(request)),
    flush: () => undefined,
    close: () => socket.close(),
  }
}

const messageLengthStart = 16
