import { hash } from 'node:crypto'
import { connect } from 'node:net'
import { encodeResolveBody } from '../../src/wire/codec/bodies.ts'
import { hashType } from '../../src/wire/codec/digest.ts'
import { type Message, readEnvelope, readMessage } from '../../src/wire/codec/message.ts'
import { envelopeBytes, operations } from '../../src/wire/codec/protocol.ts'
import { encodeRequest, type Request } from '../../src/wire/codec/request.ts'

/** A request for all of a record, with whatever else the test wants of it. */
export function resolution(handle: string, more: Partial<Request> = {}): Request {
  const body = encodeResolveBody({ handle, indexes: [], types: [] })
  return { opCode: operations.resolve, opFlags: 0x0100_0000, body, expirationSeconds: 0, ...more }
}

/** The messages that bytes hold one after another. */
export function readMessages(bytes: Buffer): Message[] {
  const messages: Message[] = []
  for (let offset = 0; offset + envelopeBytes <= bytes.length; ) {
    const envelope = readEnvelope(bytes, offset)
    const end = offset + envelopeBytes + envelope.messageLength
    if (end > bytes.length) break
    messages.push(readMessage(envelope, bytes.subarray(offset + envelopeBytes, end)))
    offset = end
  }
  return messages
}

/** Whether a digest, its type byte first, is that of these bytes: header and body of a request. */
export function isDigestOf(digest: Buffer, digested: Buffer): boolean {
  const [name] = Object.entries(hashType).find(([, type]) => type === digest[0]) ?? []
  return name !== undefined && hash(name, digested, 'buffer').equals(digest.subarray(1))
}

/** Sends bytes over one connection; the messages that came back until `count` were there or the server ended it. */
export async function sendBytes(port: number, bytes: Uint8Array, count = 1): Promise<readonly Message[]> {
  const socket = connect({ port, host: '127.0.0.1' })
  const chunks: Buffer[] = []
  socket.write(bytes)
  await new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      if (readMessages(Buffer.concat(chunks)).length >= count) socket.destroy()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve())
  })
  return readMessages(Buffer.concat(chunks))
}

/** A request as bytes, with some of them changed. */
export function requestBytes(
  request: Request,
  facts: {
    readonly requestId?: number
    readonly minor?: number
    readonly change?: (bytes: Buffer) => void
  } = {},
): Buffer {
  const { requestId = 1, minor = 3, change } = facts
  const bytes = encodeRequest(request, { requestId, minor })
  change?.(bytes)
  return bytes
}
