import type { FastifyInstance } from 'fastify'
import { identify } from '../identify.ts'
import type { Node } from '../node.ts'
import { jsonContentType } from './error-answers.ts'
import { malformed, queryParameters, textParameter } from './request-parameters.ts'

const idCharactersMax = 2048

/** `GET /api/identify?id=…`: what an identifier of any scheme is and where it leads. */
export function registerIdentifyRoutes(routes: FastifyInstance, node: Node): void {
  routes.get('/api/identify', { schema: identifyRouteSchema }, async (request, reply) => {
    const id = textParameter(queryParameters(request.url), 'id') ?? ''
    if (id === '' || id.length > idCharactersMax)
      throw malformed('id', id, `an identifier of 1 to ${idCharactersMax} characters, percent-encoded`)
    const schemePrefix = node.config.schemePrefix ?? node.config.prefix[0] ?? ''
    const { id: asked, ...found } = await identify(id, { resolver: node.resolver, schemePrefix })
    return reply.type(jsonContentType).send(JSON.stringify({ responseCode: 1, id: asked, ...found }))
  })
}

const object = (description: string) => ({ description, type: 'object', additionalProperties: true }) as const

const identifyRouteSchema = {
  tags: ['handles'],
  summary: 'What an identifier of any scheme is (Handle, GS1, EPC, OID, Ecode, DID) and where it leads',
  querystring: {
    type: 'object',
    properties: { id: { type: 'string', description: 'the identifier; required' } },
  },
  response: {
    200: object('scheme, parts, what is wrong with it, and the handle that it leads to'),
    400: object('no identifier (4)'),
    500: object('aliases that do not end (2)'),
    503: object('busy, try again after Retry-After (3)'),
  },
} as const
