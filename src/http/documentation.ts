import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { packageVersion } from '../support/package-version.ts'
import { nodeRouteSchema } from './schemas.ts'

/** `/openapi.json` and a page to browse it, made from the routes that are registered afterwards. */
export async function registerDocumentation(application: FastifyInstance): Promise<void> {
  // Route schemas describe; handlers validate and write their own JSON.
  application.setValidatorCompiler(() => () => true)
  application.setSerializerCompiler(() => (data) => (typeof data === 'string' ? data : JSON.stringify(data)))
  await application.register(swagger, {
    openapi: {
      openapi: '3.0.3',
      info: {
        title: 'erji, an identifier-resolution secondary node (二级节点)',
        description: 'The Handle HTTP JSON API, bulk registration and the node’s own state.',
        version: packageVersion(),
      },
      components: {
        securitySchemes: {
          basic: { type: 'http', scheme: 'basic', description: 'index:handle and secret' },
          session: {
            type: 'http',
            scheme: 'Handle',
            description: 'sessionId, and a proof once: /api/sessions',
          },
        },
      },
    },
    transform: ({ schema, url }) => ({ schema, url: url.replace('*', '{handle}') }),
    transformObject: (document) => renamed('openapiObject' in document ? document.openapiObject : {}),
  })
  await application.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: pagePolicy,
    // The page would have a server on the Internet judge the document of a node that has no other business there.
    uiConfig: { validatorUrl: null },
  })
  application.get(
    '/openapi.json',
    { schema: nodeRouteSchema('This API as an OpenAPI document') },
    (_request, reply) =>
      reply.type('application/json;charset=UTF-8').send(JSON.stringify(application.swagger())),
  )
}

// The library's own policy asks browsers to fetch over TLS, which blanks the page wherever the node is not localhost.
const pagePolicy =
  "default-src 'self'; base-uri 'self'; img-src 'self' data:; object-src 'none'; frame-ancestors 'self'"

/** The wildcard of a path is the handle: the document names it so. */
function renamed(document: object) {
  return JSON.parse(JSON.stringify(document).replaceAll('"name":"*"', '"name":"handle"'))
}
