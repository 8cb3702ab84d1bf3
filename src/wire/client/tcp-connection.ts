import { connect, type Socket } from 'node:net'
import { EncodingError } from '../../identifier/buffer-reader.ts'
import { type Message, readEnvelope, readMessage } from '../codec/message.ts'
import { envelopeBytes, opFlag } from '../codec/protocol.ts'
import { encodeRequest } from '../codec/request.ts'
import type { Pending } from './pending.ts'
import { RequestIds } from './request-ids.ts'
import { WireClientError } from './wire-client-error.ts'

type Events = {
  /** A request was answered, so that another may be sent. */
  freed(): void
  ended(connection: TcpConnection, left: readonly Pending[], error: WireClientError): void
}

/** One connection with any number of requests under way, matched to their answers by number. */
export class TcpConnection {
  readonly #socket: Socket
  readonly #events: Events
  readonly #ids = new RequestIds()
  readonly #waiting = new Map<number, Pending>()
  #unsent: Buffer[] = []
  #rest: Buffer[] = []
  #restBytes = 0
  #wantedBytes = envelopeBytes
  #hasEnded = false

  constructor(at: { readonly host: string; readonly port: number }, events: Events) {
    this.#events = events
    this.#socket = connect({ ...at, noDelay: true })
    this.#socket.on('data', (chunk: Buffer) => this.#take(chunk))
    this.#socket.on('error', (error) => this.#end('UNREACHABLE', error.message))
    this.#socket.on('close', () => this.#end('UNREACHABLE', 'the connection ended before the answer came'))
  }

  get inFlight(): number {
    return this.#waiting.size
  }

  get waiting(): Iterable<Pending> {
    return this.#waiting.values()
  }

  send(pending: Pending): void {
    const requestId = this.#ids.next()
    this.#waiting.set(requestId, pending)
    this.#unsent.push(
      encodeRequest(
        { ...pending.request, opFlags: pending.request.opFlags | opFlag.keepAlive },
        { requestId },
      ),
    )
    // What one turn asks goes in one write.
    if (this.#unsent.length === 1) process.nextTick(() => this.#flush())
  }

  /** Gives up on a request; its answer, should it come, is ignored. */
  forget(pending: Pending): void {
    for (const [requestId, held] of this.#waiting) {
      if (held !== pending) continue
      this.#waiting.delete(requestId)
      return
    }
  }

  destroy(): void {
    this.#end('ABORTED', 'the client was closed')
  }

  #flush(): void {
    const unsent = this.#unsent
    this.#unsent = []
    if (this.#hasEnded) return
    this.#socket.write(unsent.length === 1 ? (unsent[0] as Buffer) : Buffer.concat(unsent))
  }

  #take(chunk: Buffer): void {
    this.#rest.push(chunk)
    this.#restBytes += chunk.length
    if (this.#restBytes < this.#wantedBytes) return
    const bytes = this.#rest.length === 1 ? chunk : Buffer.concat(this.#rest)
    try {
      this.#keep(bytes, this.#read(bytes))
    } catch (error) {
      if (!(error instanceof EncodingError)) throw error
      this.#end('PROTOCOL', error.message)
    }
  }

  #keep(bytes: Buffer, offset: number): void {
    const rest = bytes.subarray(offset)
    this.#rest = rest.length === 0 ? [] : [rest]
    this.#restBytes = rest.length
  }

  /** Reads whole messages; returns where the first that is not whole begins. */
  #read(bytes: Buffer): number {
    let offset = 0
    this.#wantedBytes = envelopeBytes
    while (bytes.length - offset >= envelopeBytes) {
      const envelope = readEnvelope(bytes, offset)
      const end = offset + envelopeBytes + envelope.messageLength
      if (end > bytes.length) {
        this.#wantedBytes = end - offset
        break
      }
      this.#answered(readMessage(envelope, bytes.subarray(offset + envelopeBytes, end)))
      offset = end
    }
    return offset
  }

  #answered(message: Message): void {
    const { requestId } = message.envelope
    const pending = this.#waiting.get(requestId)
    // Of a request that was given up.
    if (pending === undefined) return
    pending.messages.push(message)
    if ((message.opFlags & opFlag.continuous) !== 0 && pending.messages.length < messagesMax) return
    this.#waiting.delete(requestId)
    pending.resolve(pending.messages as [Message, ...Message[]])
    this.#events.freed()
  }

  #end(code: 'UNREACHABLE' | 'PROTOCOL' | 'ABORTED', message: string): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#socket.destroy()
    const left = [...this.#waiting.values()]
    this.#waiting.clear()
    this.#events.ended(this, left, new WireClientError(code, message))
  }
}

// Of one answer: as many handles as a listing of a thousand messages has is more than anybody keeps in memory.
const messagesMax = 10_000
