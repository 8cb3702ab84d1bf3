import type { PublishedMetric } from '../support/published-metric.ts'

/** Figures that are read and not counted, in Prometheus' text format; a registry only takes what it counts itself. */
export function metricsText(metrics: readonly PublishedMetric[] = []): string {
  return metrics.map(metricText).join('')
}

function metricText(metric: PublishedMetric): string {
  const { name, help, kind, samples } = metric
  const lines = samples.flatMap((sample) =>
    kind === 'histogram'
      ? histogramLines(metric, sample)
      : [`${name}${labelsText(sample.labels)} ${sample.value}`],
  )
  return `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n${lines.map((line) => `${line}\n`).join('')}\n`
}

function histogramLines(
  { name, bucketsSeconds = [] }: PublishedMetric,
  { labels, value, sumSeconds = 0, buckets = [] }: PublishedMetric['samples'][number],
): string[] {
  let below = 0
  const bounds = bucketsSeconds.map((bound, place) => {
    below += buckets[place] ?? 0
    return `${name}_bucket${labelsText({ le: String(bound), ...labels })} ${below}`
  })
  return [
    ...bounds,
    `${name}_bucket${labelsText({ le: '+Inf', ...labels })} ${value}`,
    `${name}_sum${labelsText(labels)} ${sumSeconds}`,
    `${name}_count${labelsText(labels)} ${value}`,
  ]
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/["\\\n]/g, '_')}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
