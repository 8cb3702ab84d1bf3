import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { SiteData } from '../identifier/site-data.ts'
import { siteToJson } from '../identifier/value-json.ts'
import { jsonContentType } from './error-answers.ts'
import { nodeRouteSchema } from './schemas.ts'

/** `GET /api/site`: this node as a Handle site, so that clients of the reference server can learn where it listens. */
export function registerSiteRoutes(routes: FastifyInstance): void {
  routes.get('/api/site', { schema: nodeRouteSchema('This node as a Handle site') }, (request, reply) =>
    reply
      .type(jsonContentType)
      .send(JSON.stringify({ responseCode: 1, site: siteToJson(siteAsReached(request)) })),
  )
}

/** The address and port that the client has reached are the ones that it can reach. */
function siteAsReached(request: FastifyRequest): SiteData {
  const { localAddress = '127.0.0.1', localPort = 0 } = request.socket
  return {
    version: 1,
    protocolVersion: { major: 2, minor: 11 },
    serialNumber: 1,
    primarySite: true,
    multiPrimary: false,
    hashOption: 'all',
    hashFilter: '',
    attributes: [{ name: 'desc', value: 'erji' }],
    servers: [
      {
        serverId: 1,
        address: localAddress.replace(/^::ffff:/, ''),
        publicKey: new Uint8Array(0),
        interfaces: [{ query: true, admin: true, protocol: 'HTTP', port: localPort }],
      },
    ],
  }
}
