/** What a run must meet: a metric of the answers, a bound and its side. */
export type Objective = {
  /** As it was written. */
  readonly text: string
  /** One kind of operation, or all of them. */
  readonly operation: string | undefined
  readonly metric: ObjectiveMetric
  readonly comparison: '<' | '>'
  /** Nanoseconds, a share, or operations a second, by the metric. */
  readonly bound: number
}

/** Latencies from the due time, endless for what was dropped; shares of what was due; operations a second answered in time. */
export const objectiveMetrics = {
  p50: 'time',
  p90: 'time',
  p99: 'time',
  'p99.9': 'time',
  max: 'time',
  mean: 'time',
  errors: 'share',
  dropped: 'share',
  throughput: 'rate',
} as const
export type ObjectiveMetric = keyof typeof objectiveMetrics

/** Why an expression is none, naming the part and what was expected. */
export class ObjectiveError extends Error {
  override readonly name = 'ObjectiveError'
}

/**
 * Reads expressions such as `resolve.p99<10ms,errors<0.01%,throughput>4500`: all of them must hold.
 * @throws ObjectiveError
 */
export function parseObjectives(text: string, operations: readonly string[]): Objective[] {
  return text.split(',').map((part) => parseObjective(part.trim(), operations))
}

function parseObjective(text: string, operations: readonly string[]): Objective {
  const match = /^(?:([a-z-]+)\.)?([a-z][a-z0-9.]*)\s*([<>])\s*(\S+)$/.exec(text)
  const [, operation, metric = '', comparison, bound = ''] = match ?? []
  if (match === null) {
    throw new ObjectiveError(
      `"${text}" is no objective; expected one such as resolve.p99<10ms or errors<0.01%`,
    )
  }
  if (operation !== undefined && !operations.includes(operation)) {
    throw new ObjectiveError(
      `"${text}" names the operation "${operation}"; expected ${operations.join(', ')}`,
    )
  }
  if (!isMetric(metric)) {
    const known = Object.keys(objectiveMetrics).join(', ')
    throw new ObjectiveError(`"${text}" names the metric "${metric}"; expected ${known}`)
  }
  if ((comparison === '>') !== (metric === 'throughput')) {
    throw new ObjectiveError(`"${text}" bounds ${metric} from the wrong side; expected ${side(metric)}`)
  }
  return {
    text,
    operation,
    metric,
    comparison: comparison as Objective['comparison'],
    bound: boundOf(text, objectiveMetrics[metric], bound),
  }
}

function side(metric: ObjectiveMetric): string {
  return metric === 'throughput' ? 'throughput>…' : `${metric}<…`
}

function isMetric(name: string): name is ObjectiveMetric {
  return Object.hasOwn(objectiveMetrics, name)
}

const nanoseconds: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 }

function boundOf(text: string, unit: 'time' | 'share' | 'rate', bound: string): number {
  const [, digits, suffix = ''] = /^(\d+(?:\.\d+)?)([a-z%]*)$/.exec(bound) ?? []
  const value = Number(digits)
  if (digits !== undefined) {
    if (unit === 'time' && nanoseconds[suffix] !== undefined) return value * (nanoseconds[suffix] ?? 1)
    if (unit === 'share' && suffix === '%' && value <= 100) return value / 100
    if (unit === 'share' && suffix === '' && value <= 1) return value
    if (unit === 'rate' && suffix === '') return value
  }
  const expected = {
    time: 'a time such as 10ms',
    share: 'a share such as 0.01%',
    rate: 'operations a second',
  }[unit]
  throw new ObjectiveError(`"${text}" has the bound "${bound}"; expected ${expected}`)
}
