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
import { registerHandleRoutes } from './handle-routes.ts'
import { registerHealthRoutes } from './health-routes.ts'
import { registerListRoutes } from './list-routes.ts'
import { registerMetrics } from './metrics.ts'
import { registerRedirectRoutes } from './redirect-routes.ts'
import { registerRegistrationRoutes } from './registration-routes.ts'
import { registerSiteRoutes } from './site-routes.ts'
import { registerStatisticsRoutes } from './statistics-routes.ts'

/** A listening HTTP API. */
export type HttpServer = {
  /** One URL for each address that is listened on. */
  readonly urls: readonly string[]
  /** Refuses new requests, answers those accepted, then closes; cuts what is left after the configured time. */
  close(): Promise<void>
}

/** Builds the routes and listens on every configured address. @throws StartupError ADDRESS_IN_USE */
export async function startHttpServer(node: Node, log: FastifyBaseLogger): Promise<HttpServer> {
  const { application, servers, admission } = await build(node, log)
  const urls: string[] = []
  const listening: Listener[] = []
  let port = node.config.port
  try {
    for (const host of node.config.host) {
      const server = servers(host)
      const listener = listenerOf(server)
      if (!(await listen(server, { host, port, log }))) continue
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
    ).on('clientError', (error, socket) => answerClientError(error, socket as Socket))
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
  const admission = registerAdmission(application, { requestsInFlightMax: config.requestsInFlightMax })
  await addRoutes(application, node)
  await application.ready()
  const servers = (host: string): Server => (host === config.host[0] ? application.server : newServer())
  return { application, servers, admission }
}

async function addRoutes(application: FastifyInstance, node: Node): Promise<void> {
  application.removeAllContentTypeParsers()
  // Routes judge media types themselves: the Handle API answers a wrong one with its own response code.
  application.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  registerErrorAnswers(application)
  registerMetrics(application, node)
  await registerDocumentation(application)
  await application.register(async (routes) => {
    registerHandleRoutes(routes, node)
    registerListRoutes(routes, node)
    registerRegistrationRoutes(routes, node)
    registerSiteRoutes(routes)
    registerStatisticsRoutes(routes, node)
    registerHealthRoutes(routes, node)
    registerRedirectRoutes(routes, node)
  })
}

/** False when the machine lacks the address family; other failures end the start. */
function listen(
  server: Server,
  at: { host: string; port: number; log: FastifyBaseLogger },
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT') {
        at.log.warn({ host: at.host }, 'this machine does not have the address; not listening on it')
        resolve(false)
        return
      }
      const expected = error.code === 'EADDRINUSE' ? 'it is in use by another process' : error.message
      reject(new StartupError('ADDRESS_IN_USE', `cannot listen on ${at.host} port ${at.port}: ${expected}`))
    })
    server.listen({ host: at.host, port: at.port }, () => resolve(true))
  })
}
