import type { FastifyInstance } from 'fastify'
import type { Node } from '../node.ts'
import { jsonContentType } from './error-answers.ts'
import { healthRouteSchemas } from './schemas.ts'

/** `/health/live`: the process answers. `/health/ready`: it can also take writes; a load balancer asks this one. */
export function registerHealthRoutes(routes: FastifyInstance, node: Node): void {
  routes.get('/health/live', { schema: healthRouteSchemas.live }, (_request, reply) =>
    reply.type(jsonContentType).send('{"status":"live"}'),
  )
  routes.get('/health/ready', { schema: healthRouteSchemas.ready }, (_request, reply) => {
    const reason = node.store.unwritableBecause()
    if (reason === undefined) return reply.type(jsonContentType).send('{"status":"ready"}')
    return reply
      .code(503)
      .type(jsonContentType)
      .send(JSON.stringify({ status: 'unready', reason }))
  })
}
