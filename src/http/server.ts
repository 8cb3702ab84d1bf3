import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  LogController,
} from 'fastify'
import { HandleError, StartupError } from '../errors.ts'
import type { Node } from '../node.ts'
import { registerAdmission } from './admission.ts'
import { answerClientError } from './client-errors.ts'
import { registerDocumentation } from './documentation.ts'
import { drain, type Listener, listenerOf } from './drain.ts'
import { registerErrorAnswers, sendError } from './error-answers.ts'
import { handleRoute, registerHandleRoutes } from './handle-routes.ts'
import { registerHealthRoutes } from './health-routes.ts'
import { HotLane } from './hot-lane.ts'
import { registerIdentifyRoutes } from './identify-routes.ts'
import { registerListRoutes } from './list-routes.ts'
import { countRequests, registerMetrics } from './metrics.ts'
import { assertPortIsFree, cannotListen } from './port-claim.ts'
import { registerPrefixRoutes } from './prefix-routes.ts'
import { registerRedirectRoutes } from './redirect-routes.ts'
import { registerRegistrationRoutes } from './registration-routes.ts'
import { RequestLatency } from './request-latency.ts'
import { registerSearchRoute } from './search-route.ts'
import { registerSessionRoutes } from './session-routes.ts'
import { registerSiteRoutes } from './site-routes.ts'
import { registerStatisticsRoutes } from './statistics-routes.ts'

/** A listening HTTP API. */
export type HttpServer = {
  /** One URL for each address that is listened on. */
  readonly urls: readonly string[]
  /** Refuses new requests, answers those accepted, then closes; cuts what is left after the configured time. */
  close(): Promise<void>
}

/** How the threads of one node listen on one port. */
export type PortSharing = {
  /** What the first of them was given, where the configuration leaves it open. */
  readonly port: number
  /** The first makes sure that the port is nobody else's; the kernel lets any process of the same user join it. */
  readonly isFirst: boolean
}

/** Builds the routes and listens on every configured address. @throws StartupError ADDRESS_IN_USE */
export async function startHttpServer(
  node: Node,
  log: FastifyBaseLogger,
  sharing?: PortSharing,
): Promise<HttpServer> {
  const { application, servers, admission } = await build(node, log)
  const urls: string[] = []
  const listening: Listener[] = []
  let port = sharing?.port ?? node.config.port
  try {
    for (const host of node.config.host) {
      const server = servers(host)
      const listener = listenerOf(server)
      if (!(await listen(server, { host, port, log, sharing }))) continue
      listening.push(listener)
      port = (server.address() as AddressInfo).port
      urls.push(`http://${host.includes(':') ? `[${host}]` : host}:${port}`)
    }
    if (urls.length === 0)
      throw new StartupError('ADDRESS_IN_USE', `none of ${node.config.host.join(', ')} can be used`)
  } catch (error) {
    await drain(listening, { cutAfterMs: 0 })
    await application.close()
    throw error
  }
  return {
    urls,
    close: async () => {
      admission.refuseNew()
      await drain(listening, { cutAfterMs: node.config.shutdownTimeout })
      await application.close()
    },
  }
}

type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void

async function build(node: Node, log: FastifyBaseLogger) {
  const { config } = node
  let handler: RequestHandler | undefined
  const newServer = (): Server =>
    createServer(
      {
        maxHeaderSize: config.headerBytesMax,
        requestTimeout: config.requestTimeout,
        headersTimeout: config.requestTimeout,
        keepAliveTimeout: config.keepAliveTimeout,
        connectionsCheckingInterval: Math.min(1000, config.requestTimeout),
      },
      (request, response) => handler?.(request, response),
    ).on('clientError', (error, socket) => answerClientError(error, socket as Socket, config))
  const application = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    requestIdHeader: 'x-request-id',
    bodyLimit: config.bodyBytesMax,
    routerOptions: { maxParamLength: config.headerBytesMax, ignoreTrailingSlash: false },
    // The listeners that `newServer` makes answer client errors themselves, the first like the others.
    clientErrorHandler: () => undefined,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => {
      const problem = `request target "${request.raw.url}" is malformed: ${error.message}`
      void sendError(reply as unknown as FastifyReply, new HandleError('INVALID_HANDLE', problem), request)
    },
    serverFactory: (requestHandler) => {
      handler = requestHandler
      return newServer()
    },
  })
  const admission = registerAdmission(application, {
    requestsInFlightMax: config.requestsInFlightMax,
    countRequest: (change) => node.siblings.countRequest(change),
    requestsInFlight: () => node.siblings.requestsInFlight(),
  })
  const latency = new RequestLatency()
  await addRoutes(application, node, latency)
  await application.ready()
  const lane = new HotLane({
    node,
    admission,
    latency: {
      found: latency.seriesOf({ method: 'GET', route: handleRoute, status: 200 }),
      absent: latency.seriesOf({ method: 'GET', route: handleRoute, status: 404 }),
    },
  })
  const servers = (host: string): Server => {
    const server = host === config.host[0] ? application.server : newServer()
    if (config.hotLane === 'on') lane.attach(server)
    return server
  }
  return { application, servers, admission }
}

async function addRoutes(application: FastifyInstance, node: Node, latency: RequestLatency): Promise<void> {
  application.removeAllContentTypeParsers()
  // Routes judge media types themselves: the Handle API answers a wrong one with its own response code.
  application.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  registerErrorAnswers(application, node.sessions)
  countRequests(application, latency)
  await registerDocumentation(application)
  registerMetrics(application, node, latency)
  await application.register(async (routes) => {
    registerHandleRoutes(routes, node)
    registerListRoutes(routes, node)
    registerRegistrationRoutes(routes, node)
    registerSiteRoutes(routes)
    registerSearchRoute(routes)
    registerSessionRoutes(routes, node)
    registerPrefixRoutes(routes, node)
    registerIdentifyRoutes(routes, node)
    registerStatisticsRoutes(routes, node)
    registerHealthRoutes(routes, node)
    registerRedirectRoutes(routes, node)
  })
}

/** False when the machine lacks the address family; other failures end the start. */
async function listen(
  server: Server,
  at: { host: string; port: number; log: FastifyBaseLogger; sharing: PortSharing | undefined },
): Promise<boolean> {
  if (at.sharing?.isFirst) await assertPortIsFree(at)
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT') {
        at.log.warn({ host: at.host }, 'this machine does not have the address; not listening on it')
        resolve(false)
        return
      }
      reject(cannotListen(at, error))
    })
    const reusePort = at.sharing !== undefined
    server.listen({ host: at.host, port: at.port, reusePort }, () => resolve(true))
  })
}
