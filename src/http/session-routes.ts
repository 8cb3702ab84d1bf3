import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isObject } from '../identifier/input-fields.ts'
import type { Node } from '../node.ts'
import {
  isSessionHeader,
  type SessionParameters,
  sessionParametersOfBody,
  sessionParametersOfHeader,
} from '../session-parameters.ts'
import { jsonContentType } from './error-answers.ts'
import { jsonBody, malformed } from './request-parameters.ts'
import { sessionRouteSchemas } from './session-schemas.ts'

/** `/api/sessions`: proves a key once, for clients that do not send a secret with each request. */
export function registerSessionRoutes(routes: FastifyInstance, { sessions }: Node): void {
  const one = '/api/sessions/this'
  routes.post('/api/sessions', { schema: sessionRouteSchemas.begin }, (_request, reply) =>
    reply.code(201).type(jsonContentType).send(JSON.stringify(sessions.begin())),
  )
  routes.get(one, { schema: sessionRouteSchemas.read }, async (request, reply) => {
    const { sessionId } = parametersOf(request)
    const identity = await sessions.identityOf(sessionId)
    const session = sessions.find(sessionId)
    if (identity !== undefined) {
      const id = `${identity.index}:${identity.handle.text}`
      return send(reply, 200, { ...session, authenticated: true, id })
    }
    return send(reply, 401, { responseCode: 402, ...session, authenticated: false })
  })
  const prove = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const parameters = parametersOf(request)
    const { index, handle } = await sessions.authenticate(parameters)
    const session = sessions.find(parameters.sessionId)
    return send(reply, 200, { ...session, authenticated: true, id: `${index}:${handle.text}` })
  }
  routes.put(one, { schema: sessionRouteSchemas.prove }, prove)
  // The reference server's own pages sign in with POST.
  routes.post(one, { schema: sessionRouteSchemas.prove }, prove)
  routes.delete(one, { schema: sessionRouteSchemas.end }, (request, reply) => {
    sessions.end(parametersOf(request).sessionId)
    return reply.code(204).send()
  })
}

/** From the header, from a JSON body, or from both. */
function parametersOf(request: FastifyRequest): SessionParameters {
  const { authorization = '' } = request.headers
  const said = isSessionHeader(authorization) ? sessionParametersOfHeader(authorization) : {}
  if (!(request.body instanceof Buffer) || request.body.length === 0) return said
  const body = jsonBody(request)
  if (!isObject(body)) throw malformed('body', JSON.stringify(body), 'a JSON object')
  return { ...sessionParametersOfBody(body), ...said }
}

function send(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply.code(status).type(jsonContentType).send(JSON.stringify(body))
}
