import type { Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, isIPv6, type Server } from 'node:net'
import type { FastifyBaseLogger } from 'fastify'
import type { NodeConfig } from '../config.ts'
import { StartupError } from '../errors.ts'
import type { SiteData } from '../identifier/site-data.ts'
import type { Node } from '../node.ts'
import { Answerer } from './answerer.ts'
import { protocolVersion } from './codec/protocol.ts'
import { WireHotLane } from './hot-lane.ts'
import { openSessionExchange } from './session-exchange.ts'
import { type ConnectionLimits, createTcpListener, type TcpListener } from './tcp-listener.ts'
import { createUdpListener } from './udp-listener.ts'

/** The listeners of the native protocol. */
export type WireServer = {
  /** Where TCP and UDP are listened on: none where the configuration has no port. */
  readonly urls: readonly string[]
  /** Takes nothing new, answers what was accepted, then closes; cuts what is left after the configured time. */
  close(): Promise<void>
}

/** Listens on TCP and UDP of every configured address; `httpUrls`, told to whoever asks for the site, are the HTTP API's. @throws StartupError ADDRESS_IN_USE */
export async function startWireServer(
  node: Node,
  log: FastifyBaseLogger,
  httpUrls: readonly string[] = [],
): Promise<WireServer> {
  const { config } = node
  if (config.wirePort === undefined) return { urls: [], close: async () => undefined }
  let port = config.wirePort
  const reusePort = config.workers > 1
  const exchange = openSessionExchange(node, port)
  const site = siteOf(node, httpUrls)
  const onFailure = (error: unknown): void => log.error({ err: error }, 'a native request failed')
  const answerer = new Answerer({ node, site, forward: exchange.forward, onFailure })
  const answering = { answerer, lane: new WireHotLane(node), traffic: node.nativeTraffic, clock: node.clock }
  const limits = limitsOf(config)
  exchange.serve(answerer)
  const listeners: (TcpListener | UdpSocket)[] = []
  const urls: string[] = []
  const close = async (): Promise<void> => {
    const cutAfterMs = config.shutdownTimeout
    await Promise.all(
      listeners.map((listener) =>
        'server' in listener ? listener.close(cutAfterMs) : new Promise<void>((done) => listener.close(done)),
      ),
    )
    exchange.close()
  }
  try {
    for (const host of config.host) {
      // Threads that share a port cannot see that another process shares it too.
      if (reusePort && node.siblings.worker === 1) await assertFree(host, port)
      const tcp = createTcpListener(answering, limits)
      const bound = await bindTcp(tcp.server, { host, port, reusePort })
      if (bound === undefined) {
        log.warn({ host }, 'this machine does not have the address; not listening on it')
        continue
      }
      listeners.push(tcp)
      port = bound
      const udp = createUdpListener(answering, { ...limits, type: isIPv6(host) ? 'udp6' : 'udp4', reusePort })
      await bindUdp(udp, { host, port })
      udp.on('error', (error) => log.warn({ err: error }, 'a native answer could not be sent'))
      listeners.push(udp)
      urls.push(`hdl://${isIPv6(host) ? `[${host}]` : host}:${port}`)
    }
  } catch (error) {
    await close()
    throw error
  }
  site.servers = serversOf(node, port)
  for (const url of urls) log.info({ url }, 'native protocol ready')
  return { urls, close }
}

function limitsOf(config: NodeConfig): ConnectionLimits {
  return {
    // Threads take connections without asking each other, so that each has its part of the bound.
    connectionsMax: Math.ceil(config.wireConnectionsMax / config.workers),
    inFlightMax: config.wireInFlightMax,
    messageBytesMax: config.wireMessageBytesMax,
    idleMs: config.wireIdleTimeout,
  }
}

type At = { readonly host: string; readonly port: number }

/** The port, or undefined when the machine lacks the address. */
function bindTcp(server: Server, at: At & { reusePort: boolean }): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT') resolve(undefined)
      else reject(cannotBind(at, error))
    })
    server.listen(at, () => resolve((server.address() as AddressInfo).port))
  })
}

async function bindUdp(socket: UdpSocket, { host, port }: At): Promise<void> {
  const listening = once(socket, 'listening')
  socket.bind({ address: host, port })
  try {
    await listening
  } catch (error) {
    throw cannotBind({ host, port }, error as NodeJS.ErrnoException)
  }
}

async function assertFree(host: string, port: number): Promise<void> {
  const probe = createServer()
  const bound = await bindTcp(probe, { host, port, reusePort: false })
  if (bound !== undefined) await new Promise((resolve) => probe.close(resolve))
}

function cannotBind({ host, port }: At, error: NodeJS.ErrnoException): StartupError {
  const why = error.code === 'EADDRINUSE' ? 'it is in use by another process' : error.message
  return new StartupError('ADDRESS_IN_USE', `cannot listen on ${host} port ${port} (native protocol): ${why}`)
}

function siteOf(node: Node, httpUrls: readonly string[]): SiteData & { servers: SiteData['servers'] } {
  return {
    version: 1,
    protocolVersion,
    serialNumber: 1,
    primarySite: true,
    multiPrimary: false,
    hashOption: 'all',
    hashFilter: '',
    attributes: [
      { name: 'desc', value: 'erji' },
      // Not an interface: that would mean the native protocol carried by HTTP.
      ...httpUrls.slice(0, 1).map((value) => ({ name: 'http-api', value })),
    ],
    servers: serversOf(node, node.config.wirePort ?? 0),
  }
}

function serversOf(node: Node, port: number): SiteData['servers'] {
  return node.config.host.map((address, position) => ({
    serverId: position + 1,
    address,
    publicKey: Buffer.alloc(0),
    interfaces: [
      { admin: true, query: true, protocol: 'TCP', port },
      { admin: true, query: true, protocol: 'UDP', port },
    ],
  }))
}
