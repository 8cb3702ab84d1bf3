import type { FastifyInstance } from 'fastify'
import type { Node } from '../node.ts'
import type { RegistrarStatistics } from '../registrar.ts'
import type { Topic } from '../siblings.ts'
import { packageVersion } from '../support/package-version.ts'
import { jsonContentType } from './error-answers.ts'
import { nodeRouteSchema } from './schemas.ts'
import { storeBytes } from './store-bytes.ts'

/**
 * `/api/statistics`: what a benchmark quotes beside its numbers: version, engine, durability, cache and store. Cache and
 * registrations are sums over the node's threads, then by thread.
 */
export function registerStatisticsRoutes(routes: FastifyInstance, node: Node): void {
  const version = packageVersion()
  const startedAtMs = node.clock.nowMs()
  const { siblings } = node
  siblings.provide(countedByThread, () => ({
    cache: node.cache.statistics(),
    registrar: node.registrar.statistics(),
  }))
  routes.get(
    '/api/statistics',
    { schema: nodeRouteSchema('Counters of the node') },
    async (_request, reply) => {
      const threads = await siblings.gather(countedByThread)
      const statistics = {
        server: 'erji',
        version,
        pid: process.pid,
        uptimeSeconds: Math.round((node.clock.nowMs() - startedAtMs) / 1000),
        engine: node.store.engine,
        durability: node.store.durability,
        records: await node.store.countAll(),
        // Not 0, which would be a size.
        storeBytes: (await storeBytes(node.store)) ?? null,
        prefixes: await node.prefixes.count(),
        cache: sumOf(threads.map(({ answer }) => answer.cache)),
        registrar: sumOf(threads.map(({ answer }) => answer.registrar)),
        workers: siblings.workers,
        workerRestarts: siblings.restarts(),
        answeredByWorker: siblings.worker,
        byWorker: threads.map(({ worker, answer }) => ({ worker, ...answer })),
      }
      return reply.type(jsonContentType).send(JSON.stringify(statistics))
    },
  )
}

type Counted = {
  readonly cache: ReturnType<Node['cache']['statistics']>
  readonly registrar: RegistrarStatistics
}

const countedByThread: Topic<Counted> = { name: 'statistics' }

/** Numbers added up; what is no number is the same for all. */
function sumOf(parts: readonly object[]): Record<string, unknown> {
  const sum: Record<string, unknown> = {}
  for (const part of parts) {
    for (const [name, value] of Object.entries(part)) {
      const present = sum[name]
      sum[name] = typeof value === 'number' && typeof present === 'number' ? present + value : value
    }
  }
  return sum
}
