import { Counter, Gauge, type MetricObjectWithValues, type MetricValue, type Registry } from 'prom-client'
import { refusalReasons } from '../native-traffic.ts'
import type { Node } from '../node.ts'
import { histogram } from './request-latency.ts'

/**
 * Figures of the native protocol, where the node speaks it: open connections and refusals in the registry, requests by what is
 * returned, since they are counted where they are answered.
 */
export function nativeMetrics(
  registry: Registry,
  node: Node,
): () => readonly MetricObjectWithValues<MetricValue<string>>[] {
  if (node.config.wirePort === undefined) return () => []
  const { nativeTraffic: traffic } = node
  new Gauge({
    name: 'erji_native_connections',
    help: 'Open connections of the native protocol',
    registers: [registry],
    collect() {
      this.set(traffic.tcp.connectionsOpen)
    },
  })
  new Counter({
    name: 'erji_native_refused_total',
    help: 'What came over the native protocol and was not answered: connections too many, no messages, packets too many',
    labelNames: ['transport', 'reason'],
    registers: [registry],
    collect() {
      this.reset()
      for (const transport of ['tcp', 'udp'] as const)
        for (const reason of refusalReasons)
          this.inc({ transport, reason }, traffic[transport].refused[reason])
    },
  })
  const help =
    'Time from the arrival of a native request to its answer, by transport, operation and response code'
  return () => [histogram({ ...traffic.latency(), help })]
}
