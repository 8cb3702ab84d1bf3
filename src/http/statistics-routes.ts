import type { FastifyInstance } from 'fastify'
import type { Node } from '../node.ts'
import { packageVersion } from '../support/package-version.ts'
import { jsonContentType } from './error-answers.ts'
import { nodeRouteSchema } from './schemas.ts'

/** `/api/statistics`: what a benchmark quotes beside its numbers: version, engine, durability, cache and store. */
export function registerStatisticsRoutes(routes: FastifyInstance, node: Node): void {
  const version = packageVersion()
  const startedAtMs = node.clock.nowMs()
  routes.get(
    '/api/statistics',
    { schema: nodeRouteSchema('Counters of the node') },
    async (_request, reply) => {
      const statistics = {
        server: 'erji',
        version,
        pid: process.pid,
        uptimeSeconds: Math.round((node.clock.nowMs() - startedAtMs) / 1000),
        engine: node.store.engine,
        durability: node.store.durability,
        records: await node.store.countAll(),
        storeBytes: await node.store.sizeOnDiskBytes(),
        prefixes: node.prefixes.size,
        cache: node.cache.statistics(),
        registrar: node.registrar.statistics(),
      }
      return reply.type(jsonContentType).send(JSON.stringify(statistics))
    },
  )
}
