import type { Clock } from '../../support/clock.ts'
import type { Message } from '../codec/message.ts'
import type { Request } from '../codec/request.ts'
import { TcpClient } from './tcp-client.ts'
import { UdpClient } from './udp-client.ts'

/** Where a server is and how it is asked. */
export type WireClientOptions = {
  readonly transport: WireTransport
  /** An address or a name; IPv6 without brackets. */
  readonly host: string
  readonly port: number
  /** Connections, or UDP sockets, at most. */
  readonly connectionsMax: number
  /** Requests under way on one of them; further ones wait. */
  readonly inFlightMax: number
  readonly timeoutMs: number
  readonly clock: Clock
}

/** What the client had to do beyond sending each request once. */
export type WireClientStatistics = {
  readonly requests: number
  /** Requests sent again, because a packet was lost (UDP) or a kept connection had ended (TCP). */
  readonly retries: number
  readonly timeouts: number
}

/** Asks one server over the native protocol, many requests at a time. */
export interface WireClient {
  /**
   * The messages of the answer, in order: one, unless it is streamed.
   * @throws WireClientError where there is none; refusals of the server are answers.
   */
  send(request: Request, signal?: AbortSignal): Promise<readonly [Message, ...Message[]]>
  statistics(): WireClientStatistics
  /** Ends at once; what is under way is rejected as aborted. */
  close(): void
}

/** A client for each transport. */
export const wireClients = {
  tcp: (options) => new TcpClient(options),
  udp: (options) => new UdpClient(options),
} as const satisfies Record<string, (options: WireClientOptions) => WireClient>
export type WireTransport = 'tcp' | 'udp'

/** Opens no connection before the first request. */
export function openWireClient(options: WireClientOptions): WireClient {
  return wireClients[options.transport](options)
}
