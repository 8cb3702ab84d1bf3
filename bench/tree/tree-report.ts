import type { TreeResultRow } from './measure-tree.ts'
import type { TreeFlags } from './tree-options.ts'

/** What `erji-bench tree` writes. */
export type TreeReport = {
  readonly treeSchemaVersion: 1
  readonly startedAt: string
  readonly command: readonly string[]
  readonly config: TreeFlags
  readonly environment: Readonly<Record<string, unknown>>
  readonly processes: number
  readonly identifiers: number
  readonly storeBytesPerRecord: number
  readonly residentMebibytes: Readonly<Record<string, number>>
  readonly rows: readonly TreeResultRow[]
  readonly arithmetic: TreeArithmetic
}

/** From what was measured here to ten nodes of fifty million identifiers each. */
export type TreeArithmetic = {
  readonly targetNodes: number
  readonly targetIdentifiersPerNode: number
  readonly storeGigabytesPerNode: number
  readonly loadSecondsPerNode: number
  readonly secondaryCpuMicrosecondsPerResolution: number
  /** Resolutions a second that one core of a secondary node answers when recursive nodes ask it. */
  readonly resolutionsPerSecondPerCore: number
}

const targetNodes = 10
const targetIdentifiersPerNode = 50e6

export function arithmeticOf(measured: {
  readonly storeBytesPerRecord: number
  readonly loadPerSecond: number
  readonly rows: readonly TreeResultRow[]
}): TreeArithmetic {
  const oneReferral = measured.rows.find(({ name }) => name === onePath)
  const { requests = 0, cpuSeconds = 0 } = oneReferral?.cost.secondary ?? {}
  const secondsPerResolution = requests === 0 ? 0 : cpuSeconds / requests
  return {
    targetNodes,
    targetIdentifiersPerNode,
    storeGigabytesPerNode: (measured.storeBytesPerRecord * targetIdentifiersPerNode) / 1e9,
    loadSecondsPerNode: measured.loadPerSecond === 0 ? 0 : targetIdentifiersPerNode / measured.loadPerSecond,
    secondaryCpuMicrosecondsPerResolution: secondsPerResolution * 1e6,
    resolutionsPerSecondPerCore: secondsPerResolution === 0 ? 0 : 1 / secondsPerResolution,
  }
}

/** Names of the measurements that the arithmetic looks for. */
export const onePath = 'one referral (top → secondary)'

/** The report as Markdown. */
export function treeMarkdown(report: TreeReport): string {
  const { config, environment, processes, identifiers, rows, arithmetic } = report
  const lines = rows.map(rowLine)
  const { storeGigabytesPerNode, loadSecondsPerNode, resolutionsPerSecondPerCore } = arithmetic
  return `# A tree of nodes: national top, secondary, enterprise, recursive

${String(environment.cpuModel)}, ${String(environment.logicalCores)} logical cores shared by all ${processes} processes and the driver, ${String(environment.runtime)}, commit ${String(environment.commit ?? 'unknown')}, seed ${config.seed}, ${report.startedAt}.
${config.nodes} secondary nodes with ${config.identifiers.toLocaleString('en')} identifiers each, ${config.enterprises} enterprise nodes with ${config.enterpriseIdentifiers.toLocaleString('en')}, ${identifiers.toLocaleString('en')} in all; nodes ask each other over ${config.transport}. Every answer was verified.

| asked through the recursive node | offered/s | answered | failed | wrong | p50 ms | p99 ms | requests: top | secondary | enterprise | CPU s: recursive | top | secondary | enterprise |
|--|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
${lines.join('\n')}

Latency counts from when each resolution was due. *Requests* are resolutions that reached the nodes of that role.
*Failed* are 503 with response code 3 within the time-out; an identifier that the recursive node knows is answered although its node is down.

## Toward ${arithmetic.targetNodes} × ${(arithmetic.targetIdentifiersPerNode / 1e6).toFixed(0)} million

Arithmetic from the figures above and from this load, not a measurement: a secondary node of 50 million identifiers takes
${storeGigabytesPerNode.toFixed(1)} GB on disk (${report.storeBytesPerRecord.toFixed(1)} bytes a record) and ${Math.round(loadSecondsPerNode)} s to load offline. A resolution that a recursive node brings costs it
${arithmetic.secondaryCpuMicrosecondsPerResolution.toFixed(0)} µs of CPU, so one core answers about ${Math.round(resolutionsPerSecondPerCore).toLocaleString('en')} of them a second; what a larger store adds to a miss is in [scale](../scale/scale.md).
`
}

function rowLine(row: TreeResultRow): string {
  const { name, offeredPerSecond, answered, failed, wrong, p50Ms, p99Ms, cost } = row
  const cells = [
    name,
    String(offeredPerSecond),
    String(answered),
    String(failed),
    String(wrong),
    p50Ms.toFixed(2),
    p99Ms.toFixed(2),
    ...(['top', 'secondary', 'enterprise'] as const).map((role) => String(cost[role].requests)),
    ...(['recursive', 'top', 'secondary', 'enterprise'] as const).map((role) =>
      cost[role].cpuSeconds.toFixed(2),
    ),
  ]
  return `| ${cells.join(' | ')} |`
}
