import type { FastifyInstance } from 'fastify'
import type { Node } from '../node.ts'
import { jsonContentType } from './error-answers.ts'
import { nodeRouteSchema } from './schemas.ts'

/** `/health/live`: the process answers. `/health/ready`: it can also take writes; a load balancer asks this one. */
export function registerHealthRoutes(routes: FastifyInstance, node: Node): void {
  routes.get('/health/live', { schema: nodeRouteSchema('Whether the process answers') }, (_request, reply) =>
    reply.type(jsonContentType).send('{"status":"live"}'),
  )
  routes.get(
    '/health/ready',
    { schema: nodeRouteSchema('Whether the node reads and writes') },
    (_request, reply) => {
      const reason = node.store.unwritableBecause()
      if (reason === undefined) return reply.type(jsonContentType).send('{"status":"ready"}')
      return reply
        .code(503)
        .type(jsonContentType)
        .send(JSON.stringify({ status: 'unready', reason }))
    },
  )
}
