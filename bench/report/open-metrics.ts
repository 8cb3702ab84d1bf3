import { LatencyHistogram } from '../measure/latency-histogram.ts'
import { isDriven } from './driven-phase.ts'
import type { FaultEffect, Histogram, Phase, Report } from './report.ts'

/**
 * The report as OpenMetrics text (version 1.0), which Prometheus, its push gateway and the OpenTelemetry collector's
 * Prometheus receiver read: summaries and classic histograms of latency and service time in seconds, counts and rates.
 */
export function formatOpenMetrics(report: Report): string {
  const families = [...latencyFamilies(report), ...phaseFamilies(report), ...faultFamilies(report)]
  const lines = families.flatMap(({ name, type, unit, help, samples }) => [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${help}`,
    ...samples,
  ])
  return `${[...lines, '# EOF'].join('\n')}\n`
}

type Family = {
  readonly name: string
  readonly type: 'histogram' | 'gauge' | 'counter'
  readonly unit?: string
  readonly help: string
  readonly samples: readonly string[]
}

/** Bounds of the histograms in seconds: three a decade from 100 µs to 50 s. */
const boundsSeconds = [-4, -3, -2, -1, 0, 1].flatMap((decade) =>
  [1, 2, 5].map((step) => Number((step * 10 ** decade).toPrecision(3))),
)

function latencyFamilies({ phases }: Report): Family[] {
  const family = (name: string, help: string, pick: 'latency' | 'serviceTime'): Family => ({
    name,
    type: 'histogram',
    unit: 'seconds',
    help,
    samples: phases.flatMap((phase) =>
      !isDriven(phase)
        ? []
        : phase.operations.flatMap((measured) =>
            histogramSamples(name, measured[pick], {
              phase: phase.name,
              operation: measured.operation,
              outcome: measured.outcome,
            }),
          ),
    ),
  })
  return [
    family(
      'erji_bench_latency_seconds',
      'From when a request was due to when its answer was verified.',
      'latency',
    ),
    family(
      'erji_bench_service_time_seconds',
      'From when a request was sent to when its answer was verified.',
      'serviceTime',
    ),
  ]
}

function histogramSamples(name: string, histogram: Histogram, labels: Labels): string[] {
  const edges = [0, ...boundsSeconds.map((seconds) => seconds * 1e9), Number.MAX_SAFE_INTEGER]
  const counts = LatencyHistogram.fromHistogram(histogram).countsBetween(edges)
  let cumulated = 0
  const buckets = boundsSeconds.map((bound, index) => {
    cumulated += counts[index] ?? 0
    return sample(`${name}_bucket`, { ...labels, le: String(bound) }, cumulated)
  })
  return [
    ...buckets,
    sample(`${name}_bucket`, { ...labels, le: '+Inf' }, histogram.count),
    sample(`${name}_count`, labels, histogram.count),
    sample(`${name}_sum`, labels, (histogram.meanNs * histogram.count) / 1e9),
  ]
}

function phaseFamilies({ phases, verdict }: Report): Family[] {
  const gauge = (name: string, help: string, value: (phase: Phase) => number | undefined): Family => ({
    name,
    type: 'gauge',
    help,
    samples: phases.flatMap((phase) => {
      const amount = value(phase)
      return amount === undefined ? [] : [sample(name, { phase: phase.name }, amount)]
    }),
  })
  return [
    gauge('erji_bench_offered_per_second', 'Requests that the schedule made due.', (phase) =>
      isDriven(phase) ? phase.offeredPerSecond : undefined,
    ),
    gauge('erji_bench_achieved_per_second', 'Requests answered as they should be.', achieved),
    gauge('erji_bench_dropped_requests', 'Requests that were due and never sent.', (phase) =>
      isDriven(phase) ? phase.dropped : undefined,
    ),
    gauge('erji_bench_hit_ratio', 'Share of lookups that the cache answered.', (phase) =>
      isDriven(phase) ? phase.cache?.hitRatio : undefined,
    ),
    gauge(
      'erji_bench_acknowledged_writes_checked',
      'Acknowledged writes about which the node gave an answer afterwards.',
      (phase) => (isDriven(phase) ? phase.acknowledged?.checked : undefined),
    ),
    gauge(
      'erji_bench_acknowledged_writes_lost',
      'Acknowledged writes that the node did not know any more.',
      (phase) => (isDriven(phase) ? phase.acknowledged?.lost : undefined),
    ),
    gauge(
      'erji_bench_acknowledged_writes_unread',
      'Acknowledged writes about which the node gave no answer afterwards.',
      (phase) => (isDriven(phase) ? phase.acknowledged?.unread : undefined),
    ),
    gauge(
      'erji_bench_error_budget_allowed_ratio',
      'Share of what was due that may go without its answer.',
      (phase) => (isDriven(phase) ? phase.errorBudget?.allowedShare : undefined),
    ),
    gauge(
      'erji_bench_error_budget_spent_ratio',
      'Failures as a share of those allowed; above 1 the budget is overspent.',
      (phase) => (isDriven(phase) ? phase.errorBudget?.spentShare : undefined),
    ),
    gauge('erji_bench_node_cpu_seconds', 'CPU time of the node.', ({ nodeCpuSeconds }) => nodeCpuSeconds),
    gauge('erji_bench_phase_valid', 'Whether the numbers of the phase may be quoted.', ({ valid }) =>
      valid ? 1 : 0,
    ),
    {
      name: 'erji_bench_passed',
      type: 'gauge',
      help: 'Whether the run passed.',
      samples: [sample('erji_bench_passed', {}, verdict.passed ? 1 : 0)],
    },
  ]
}

/** One sample for each fault, numbered in the order in which they began: a kind may happen twice. */
function faultFamilies({ phases }: Report): Family[] {
  const gauge = (name: string, help: string, value: (fault: FaultEffect) => number | undefined): Family => ({
    name,
    type: 'gauge',
    ...(name.endsWith('_seconds') ? { unit: 'seconds' } : {}),
    help,
    samples: phases.flatMap((phase) =>
      (isDriven(phase) ? (phase.faults ?? []) : []).flatMap((fault, index) => {
        const amount = value(fault)
        const labels = { phase: phase.name, fault: fault.kind, number: String(index + 1) }
        return amount === undefined ? [] : [sample(name, labels, amount)]
      }),
    ),
  })
  return [
    gauge('erji_bench_fault_from_seconds', 'When the fault began.', ({ fromSeconds }) => fromSeconds),
    gauge('erji_bench_fault_until_seconds', 'When the fault was over.', ({ untilSeconds }) => untilSeconds),
    gauge(
      'erji_bench_fault_lowest_served_ratio',
      'Correct answers in the worst second as a share of what was due.',
      ({ lowestServedShare }) => lowestServedShare,
    ),
    gauge('erji_bench_fault_worst_p99_seconds', 'Highest p99 of latency in a second.', ({ worstP99Ns }) =>
      worstP99Ns === undefined ? undefined : worstP99Ns / 1e9,
    ),
    gauge('erji_bench_fault_observed', 'Whether something was due after the fault.', ({ observed }) =>
      observed === undefined ? undefined : Number(observed),
    ),
    gauge('erji_bench_fault_recovered', 'Whether the node was itself again.', ({ recoveredAfterSeconds }) =>
      Number(recoveredAfterSeconds !== undefined),
    ),
    gauge(
      'erji_bench_fault_recovery_seconds',
      'From the beginning of the fault until the node was itself again; absent where it was not.',
      ({ recoveredAfterSeconds }) => recoveredAfterSeconds,
    ),
  ]
}

function achieved(phase: Phase): number {
  switch (phase.kind) {
    case 'load':
      return phase.registeredPerSecond
    case 'open-loop':
    case 'closed-loop':
      return phase.achievedPerSecond
    case 'ceiling':
      return phase.requestsPerSecond
  }
}

type Labels = Readonly<Record<string, string>>

function sample(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`)
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
