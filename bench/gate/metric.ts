/** What a gate compares: one number a repetition, for which either more or less is better. */
export type Metric = {
  readonly unit: string
  readonly better: 'lower' | 'higher'
  readonly meaning: string
}

/** Every metric of the gate, by the name used in flags, thresholds and reports. */
export const metrics = {
  cpu: {
    unit: 'us',
    better: 'lower',
    meaning: 'CPU time of the node for one answered request of the open loop, all its threads',
  },
  'resolve-cpu': {
    unit: 'us',
    better: 'lower',
    meaning:
      'CPU time of the node for one answer of a closed loop for one cached record, all its threads, in its less disturbed bursts',
  },
  throughput: {
    unit: '/s',
    better: 'higher',
    meaning:
      'answers a second that a closed loop gets; of a gate by turns for one cached record, in its less disturbed bursts',
  },
  p50: { unit: 'us', better: 'lower', meaning: 'median latency of resolutions, from their due time' },
  p99: { unit: 'us', better: 'lower', meaning: '99th percentile of resolution latency, from their due time' },
  registered: { unit: '/s', better: 'higher', meaning: 'identifiers registered a second by a load' },
  served: {
    unit: '%',
    better: 'higher',
    meaning: 'answers as they should be, as a share of what an open loop made due, second by second',
  },
} as const satisfies Record<string, Metric>

export type MetricName = keyof typeof metrics
export const metricNames = Object.keys(metrics) as [MetricName, ...MetricName[]]

/** Metrics whose verdict counts unless others are asked for; those of CPU time only where both nodes run on this machine. */
export const gatingDefault = ['cpu', 'resolve-cpu', 'throughput', 'p50'] as const satisfies MetricName[]

/** Metrics that pairs of measurements give. */
export const pairedMetrics: readonly MetricName[] = ['cpu', 'resolve-cpu', 'throughput', 'p50', 'p99']

/** Metrics that count against a finished report unless others are asked for: those of them that its loop gives. */
export const fileGatingDefault: readonly MetricName[] = ['p50', 'throughput', 'served']

/** Metrics that need the node's process on this machine. */
export const cpuMetrics: readonly MetricName[] = ['cpu', 'resolve-cpu']

/** One repetition of one side; a metric that could not be measured is absent. */
export type Measurement = Readonly<Partial<Record<MetricName, number>>>
