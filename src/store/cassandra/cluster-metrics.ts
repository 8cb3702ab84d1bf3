import type { Client } from 'cassandra-driver'
import type { InFlightLimit } from '../../support/in-flight-limit.ts'
import type { PublishedMetric } from '../../support/published-metric.ts'
import { type CassandraMetrics, type HostLatencies, hostLatencyBucketsSeconds } from './cassandra-metrics.ts'

/** What the driver knows of the cluster: hosts, pool, tries, and latency by host. */
export function clusterMetrics(
  client: Client,
  {
    driver,
    latencies,
    writes,
  }: {
    readonly driver: CassandraMetrics
    readonly latencies: HostLatencies
    readonly writes: Pick<InFlightLimit, 'inFlight' | 'inFlightMax' | 'waiting'>
  },
): PublishedMetric[] {
  const state = client.getState()
  const hosts = client.hosts.values()
  const byHost = (read: (host: (typeof hosts)[number]) => number) =>
    hosts.map((host) => ({ labels: { host: host.address }, value: read(host) }))
  return [
    {
      name: 'erji_cassandra_host_up',
      help: '1 while the driver takes the host for up',
      kind: 'gauge',
      samples: byHost((host) => Number(host.isUp())),
    },
    {
      name: 'erji_cassandra_connections',
      help: 'Open connections by host',
      kind: 'gauge',
      samples: byHost((host) => state.getOpenConnections(host)),
    },
    {
      name: 'erji_cassandra_requests_in_flight',
      help: 'Requests under way by host',
      kind: 'gauge',
      samples: byHost((host) => state.getInFlightQueries(host)),
    },
    gauge('erji_cassandra_writes_in_flight', 'Conditional writes under way', writes.inFlight),
    gauge(
      'erji_cassandra_writes_in_flight_max',
      'Bound on them, as the cluster bears it',
      writes.inFlightMax,
    ),
    gauge('erji_cassandra_writes_waiting', 'Conditional writes that wait for their turn', writes.waiting),
    counter('erji_cassandra_write_retries_total', 'Conditional writes sent again', driver.writeRetries),
    {
      name: 'erji_cassandra_writes_settled_total',
      help: 'Conditional writes whose answer was lost, by what they were found to be',
      kind: 'counter',
      samples: [...driver.settled].map(([outcome, value]) => ({ labels: { outcome }, value })),
    },
    counter('erji_cassandra_retries_total', 'Requests tried again by the driver', driver.retries),
    counter(
      'erji_cassandra_speculative_executions_total',
      'Reads asked of another replica because the first was slow',
      driver.speculativeExecutions,
    ),
    counter(
      'erji_cassandra_client_timeouts_total',
      'Requests that no host answered in time',
      driver.clientTimeouts,
    ),
    counter('erji_cassandra_request_errors_total', 'Requests that ended with an error', latencies.errors),
    {
      name: 'erji_cassandra_request_seconds',
      help: 'Latency of requests by host',
      kind: 'histogram',
      bucketsSeconds: hostLatencyBucketsSeconds,
      samples: [...latencies.byHost].map(([host, { buckets, sumSeconds, count }]) => ({
        labels: { host },
        value: count,
        sumSeconds,
        buckets,
      })),
    },
  ]
}

function gauge(name: string, help: string, value: number): PublishedMetric {
  return { name, help, kind: 'gauge', samples: [{ labels: {}, value }] }
}

function counter(name: string, help: string, value: number): PublishedMetric {
  return { name, help, kind: 'counter', samples: [{ labels: {}, value }] }
}
