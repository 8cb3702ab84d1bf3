import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { FastifyInstance } from 'fastify'
import {
  AggregatorRegistry,
  Counter,
  collectDefaultMetrics,
  Gauge,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from 'prom-client'
import type { Node } from '../node.ts'
import type { Topic } from '../siblings.ts'
import { metricsText } from './metrics-text.ts'
import { nativeMetrics } from './native-metrics.ts'
import type { RequestLatency } from './request-latency.ts'
import { metricsRouteSchema } from './schemas.ts'
import { storeBytes } from './store-bytes.ts'

/**
 * `/metrics` for Prometheus: latency by route and outcome, cache, store, registrations, event loop, GC, process. Whichever
 * thread is asked, the figures are the whole node's.
 */
export function registerMetrics(application: FastifyInstance, node: Node, latency: RequestLatency): void {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  eventLoopDelay(registry, node)
  cacheGauges(registry, node)
  counters(registry, node)
  const native = nativeMetrics(registry, node)
  node.siblings.provide(metricsOfThread, async () => [
    latency.metric(),
    ...native(),
    ...(await registry.getMetricsAsJSON()),
  ])
  const ofNode = new Registry()
  nodeGauges(ofNode, node)
  invalidations(registry, node)
  application.get('/metrics', { schema: metricsRouteSchema }, async (_request, reply) => {
    const threads = await node.siblings.gather(metricsOfThread)
    const sums = AggregatorRegistry.aggregate(threads.map(({ answer }) => answer.map(summable)))
    return reply
      .type(registry.contentType)
      .send(
        (await sums.metrics()) +
          (await ofNode.metrics()) +
          metricsText(node.store.metrics?.()) +
          metricsText(node.recursion?.metrics()),
      )
  })
}

type Metric = MetricObjectWithValues<MetricValue<string>>

const metricsOfThread: Topic<Metric[]> = { name: 'metrics' }

/** What a process has only one of is the same in every thread and is not added up. */
function summable(metric: Metric): Metric {
  return metric.name.startsWith('process_') ? { ...metric, aggregator: 'first' } : metric
}

/** Counts every request. Before the routes: a hook added after them would not be run for them. */
export function countRequests(application: FastifyInstance, latency: RequestLatency): void {
  application.addHook('onResponse', (request, reply, done) => {
    const { method } = request
    const route = request.routeOptions.url ?? 'none'
    latency.seriesOf({ method, route, status: reply.statusCode }).observe(reply.elapsedTime / 1000)
    done()
  })
}

/** By thread: one that is blocked does not hide behind others that are not. */
function eventLoopDelay(registry: Registry, node: Node): void {
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  new Gauge({
    name: 'erji_event_loop_delay_p99_seconds',
    help: '99th percentile of event loop delay since the last scrape, by worker',
    labelNames: ['worker'],
    registers: [registry],
    collect() {
      this.set({ worker: String(node.siblings.worker) }, delay.percentile(99) / 1e9)
      delay.reset()
    },
  })
}

function gauge(
  registry: Registry,
  described: { name: string; help: string },
  read: () => number | Promise<number>,
): void {
  new Gauge({
    ...described,
    registers: [registry],
    async collect() {
      this.set(await read())
    },
  })
}

function cacheGauges(registry: Registry, node: Node): void {
  const cacheGauge = (name: string, help: string, read: () => number): void =>
    gauge(registry, { name, help }, read)
  cacheGauge('erji_cache_bytes', 'Bytes held by the cache', () => node.cache.statistics().bytes)
  cacheGauge('erji_cache_bytes_max', 'Bound of the cache in bytes', () => node.cache.statistics().bytesMax)
  cacheGauge('erji_cache_entries', 'Records in the cache', () => node.cache.statistics().entries)
  cacheGauge(
    'erji_cache_negative_entries',
    'Absences in the cache',
    () => node.cache.statistics().negativeEntries,
  )
}

function invalidations(registry: Registry, node: Node): void {
  const { invalidation } = node
  if (invalidation === undefined) return
  const counter = counterIn(registry)
  counter('erji_invalidations_sent_total', 'Keys told to other nodes', () => invalidation.sent)
  counter('erji_invalidations_received_total', 'Keys told by other nodes', () => invalidation.received)
}

/** What is one for all threads. */
function nodeGauges(registry: Registry, node: Node): void {
  const { siblings, store } = node
  const nodeGauge = (name: string, help: string, read: () => number | Promise<number>): void =>
    gauge(registry, { name, help }, read)
  nodeGauge('erji_store_records', 'Records in the store', () => store.countAll())
  nodeGauge(
    'erji_store_bytes',
    'Bytes of the store on disk; NaN while it cannot tell',
    async () => (await storeBytes(store)) ?? Number.NaN,
  )
  nodeGauge('erji_store_writable', '1 while the store takes writes', () =>
    Number(store.unwritableBecause() === undefined),
  )
  nodeGauge('erji_prefixes', 'Prefixes homed here', () => node.prefixes.count())
  nodeGauge('erji_workers', 'Threads that serve', () => siblings.workers)
  const counter = counterIn(registry)
  counter('erji_worker_restarts_total', 'Workers that died and were replaced', () => siblings.restarts())
}

function counters(registry: Registry, node: Node): void {
  const counter = counterIn(registry)
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

/** Registers counters that are read where they are counted. */
function counterIn(registry: Registry): (name: string, help: string, read: () => number) => void {
  return (name, help, read) => {
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
}
