import {
  type CapacityResult,
  type CapacitySearch,
  type CurvePoint,
  countedSearches,
  summarize,
  wasInterrupted,
} from './capacity-result.ts'
import type { Sizing } from './sizing.ts'

/** The result as Markdown, which a terminal shows well enough. */
export function capacityMarkdown(result: CapacityResult): string {
  const { environment, target } = result
  return [
    `# Capacity of ${target.url}`,
    '',
    capacityLine(result),
    '',
    ...capacityNotes(result).map((note) => `- ${note}`),
    '',
    '| offered/s | achieved/s | p50 | p99 | p99.9 | failed | objective |',
    '|--:|--:|--:|--:|--:|--:|--|',
    ...result.curve.map((point) => curveRow(point, result.kneePerSecond)),
    '',
    ...sizingLines(result),
    `${environment.cpuModel}, ${environment.logicalCores} cores, ${environment.runtime}, seed ${result.seed}, objective \`${result.objective}\``,
    '',
    'Latency counts from the moment a request was due. The curve holds every valid trial of all searches.',
    '',
  ].join('\n')
}

/** What a reader has to know besides the capacity: what each search came to, and why it ended. */
export function capacityNotes(result: CapacityResult): string[] {
  return [...result.searches.map(searchLine), ...calibrationNotes(result), ...clientCacheNotes(result)]
}

function calibrationNotes({ calibration, target }: CapacityResult): string[] {
  if (calibration === undefined) return []
  const { floorPerSecond = 0, floorP50Ns, floorP99Ns, echoPerSecond } = calibration
  const protocol = target.url.startsWith('http')
    ? ''
    : ', over HTTP, which is not what the target is asked by'
  return [
    `the generator alone, against an echo server at ${rate(floorPerSecond)}: p50 ${time(floorP50Ns)}, p99 ${time(floorP99Ns)}, ${rate(echoPerSecond)} at most${protocol}`,
  ]
}

/** What the clients' caches answer, the node does not carry. */
function clientCacheNotes({ curve, capacityPerSecond }: CapacityResult): string[] {
  const cached = curve.filter(({ clientCacheShare }) => clientCacheShare !== undefined)
  const [nearest] = cached.toSorted((one, other) => farFrom(one) - farFrom(other))
  if (nearest === undefined) return []
  const share = ((nearest.clientCacheShare ?? 0) * 100).toFixed(1)
  return [
    `at ${rate(nearest.offeredPerSecond)} the clients' caches answered ${share} % of the operations: the node was asked for the rest`,
  ]
  function farFrom({ offeredPerSecond }: CurvePoint): number {
    return Math.abs(offeredPerSecond - (capacityPerSecond ?? 0))
  }
}

/** What was not met at a point, and what of it is mostly the harness. */
export function pointVerdict({ met, reasons, mostlyHarness = [] }: CurvePoint): string {
  const harness = mostlyHarness.length === 0 ? '' : ` (mostly the harness: ${mostlyHarness.join(', ')})`
  return `${met ? 'met' : reasons.join('; ')}${harness}`
}

function searchLine(search: CapacitySearch, index: number): string {
  const { capacityPerSecond, limitedBy, trials, brokenBecause } = search
  const limit = limitedBy === undefined ? '' : ` (${limits[limitedBy]})`
  const reason = brokenBecause === undefined ? '' : `: ${brokenBecause}`
  return `search ${index + 1}: ${rate(capacityPerSecond)} after ${trials.length} trials${limit}${reason}`
}

const limits = {
  generator: 'limited by the load generator',
  maximum: 'the highest rate allowed',
  trials: 'cut short by --trials-max: a lower bound',
  interrupted: 'interrupted: a lower bound',
  target: 'a trial could not be finished: a lower bound',
} as const

/** The capacity in one sentence. */
export function capacityLine({
  capacityPerSecond,
  objective,
  searches,
}: Pick<CapacityResult, 'capacityPerSecond' | 'objective' | 'searches'>): string {
  // From the searches, so that results of earlier versions are told alike.
  const { deviation, isLowerBound } = summarize(searches)
  const counted = countedSearches(searches).length
  if (capacityPerSecond === undefined) return noRateLine({ objective, searches })
  const repeatability =
    deviation === undefined ? 'one search' : `±${(deviation * 100).toFixed(1)} % over ${counted} searches`
  return `${isLowerBound ? 'At least ' : ''}**${rate(capacityPerSecond)}** meet ${objective} (${repeatability}).`
}

function noRateLine({ objective, searches }: Pick<CapacityResult, 'objective' | 'searches'>): string {
  if (wasInterrupted(searches)) return `Interrupted before any rate was confirmed that meets ${objective}.`
  const found = searches.filter(({ capacityPerSecond }) => capacityPerSecond !== undefined).length
  if (found === 0) return `No rate was found that meets ${objective}.`
  return `No rate was found that meets ${objective} in ${searches.length - found} of ${searches.length} searches.`
}

function curveRow(point: CurvePoint, knee: number | undefined): string {
  const mark = point.offeredPerSecond === knee ? ' (knee)' : ''
  return (
    `| ${Math.round(point.offeredPerSecond)}${mark} | ${Math.round(point.achievedPerSecond)} | ${time(point.p50Ns)} | ${time(point.p99Ns)} ` +
    `| ${time(point.p999Ns)} | ${(point.failedShare * 100).toPrecision(2)} % | ${pointVerdict(point)} |`
  )
}

/** The advice for machines: what is expected, and a line for each figure and for how it was come by. */
export function sizingAdvice({ nodes, diskBytesPerNode, cacheBytesPerNode, basis, expectation }: Sizing): {
  readonly heading: string
  readonly lines: readonly string[]
} {
  const { identifiers, peakPerSecond } = expectation
  return {
    heading: `For ${identifiers.toLocaleString('en')} identifiers and ${peakPerSecond.toLocaleString('en')} operations/s`,
    lines: [
      `nodes: ${nodes ?? 'no number suffices'}`,
      `disk a node: ${gibibytes(diskBytesPerNode)}`,
      `cache a node: ${gibibytes(cacheBytesPerNode)}`,
      ...basis,
    ],
  }
}

function sizingLines({ sizing }: CapacityResult): string[] {
  if (sizing === undefined) return []
  const { heading, lines } = sizingAdvice(sizing)
  return [`## ${heading}`, '', ...lines.map((line) => `- ${line}`), '']
}

function rate(perSecond: number | undefined): string {
  return perSecond === undefined ? 'none' : `${Math.round(perSecond).toLocaleString('en')}/s`
}

function time(ns: number): string {
  return ns < 1e6 ? `${(ns / 1e3).toPrecision(3)} µs` : `${(ns / 1e6).toPrecision(3)} ms`
}

function gibibytes(bytes: number | undefined): string {
  return bytes === undefined ? 'unknown' : `${(bytes / 2 ** 30).toFixed(1)} GiB`
}
