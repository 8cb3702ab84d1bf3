import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { FastifyInstance } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Node } from '../node.ts'
import { nodeRouteSchema } from './schemas.ts'

/** `/metrics` for Prometheus: latency by route and outcome, cache, store, registrations, event loop, GC, process. */
export function registerMetrics(application: FastifyInstance, node: Node): void {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  countRequests(application, registry)
  gauges(registry, node)
  counters(registry, node)
  const schema = nodeRouteSchema('Metrics in the Prometheus text format')
  application.get('/metrics', { schema }, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  )
}

const latencyBucketsSeconds = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5,
]

function countRequests(application: FastifyInstance, registry: Registry): void {
  const latency = new Histogram({
    name: 'erji_http_request_seconds',
    help: 'Time from the request line to the last byte of the answer, by route and outcome',
    labelNames: ['method', 'route', 'outcome'],
    buckets: latencyBucketsSeconds,
    registers: [registry],
  })
  application.addHook('onResponse', (request, reply, done) => {
    latency.observe(
      {
        method: request.method,
        route: request.routeOptions.url ?? 'none',
        outcome: outcomeOf(reply.statusCode),
      },
      reply.elapsedTime / 1000,
    )
    done()
  })
}

function outcomeOf(status: number): string {
  if (status < 400) return 'ok'
  return status === 404 ? 'absent' : status < 500 ? 'refused' : 'failed'
}

function gauges(registry: Registry, node: Node): void {
  const gauge = (name: string, help: string, read: () => number | Promise<number>): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(await read())
      },
    })
  }
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  gauge(
    'erji_event_loop_delay_p99_seconds',
    '99th percentile of event loop delay since the last scrape',
    () => {
      const seconds = delay.percentile(99) / 1e9
      delay.reset()
      return seconds
    },
  )
  gauge('erji_cache_bytes', 'Bytes held by the cache', () => node.cache.statistics().bytes)
  gauge('erji_cache_bytes_max', 'Bound of the cache in bytes', () => node.cache.statistics().bytesMax)
  gauge('erji_cache_entries', 'Records in the cache', () => node.cache.statistics().entries)
  gauge('erji_cache_negative_entries', 'Absences in the cache', () => node.cache.statistics().negativeEntries)
  gauge('erji_store_records', 'Records in the store', () => node.store.countAll())
  gauge('erji_store_bytes', 'Bytes of the store on disk', () => node.store.sizeOnDiskBytes())
  gauge('erji_store_writable', '1 while the store takes writes', () =>
    Number(node.store.unwritableBecause() === undefined),
  )
  gauge('erji_prefixes', 'Prefixes homed here', () => node.prefixes.size)
}

function counters(registry: Registry, node: Node): void {
  const counter = (name: string, help: string, read: () => number): void => {
    new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset()
        this.inc(read())
      },
    })
  }
  counter('erji_cache_hits_total', 'Resolutions answered from the cache', () => node.cache.statistics().hits)
  counter('erji_cache_misses_total', 'Resolutions that read the store', () => node.cache.statistics().misses)
  counter(
    'erji_cache_negative_hits_total',
    'Absences answered from the cache',
    () => node.cache.statistics().negativeHits,
  )
  counter(
    'erji_cache_evictions_total',
    'Entries that left for want of room',
    () => node.cache.statistics().evictions,
  )
  counter('erji_records_created_total', 'Records created', () => node.registrar.statistics().created)
  counter('erji_records_replaced_total', 'Records replaced', () => node.registrar.statistics().replaced)
  counter('erji_records_modified_total', 'Changes of values', () => node.registrar.statistics().modified)
  counter('erji_records_deleted_total', 'Records deleted', () => node.registrar.statistics().deleted)
}
