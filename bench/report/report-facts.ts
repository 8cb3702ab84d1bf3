import { usageSeconds } from './driven-phase.ts'
import {
  formatBytes,
  formatCount,
  formatNs,
  formatPerSecond,
  formatRatio,
  formatSeconds,
  formatShare,
} from './format-units.ts'
import { phasesNearFloor } from './near-floor.ts'
import { outcomeOf } from './outcome.ts'
import type {
  CeilingPhase,
  DrivenPhase,
  ErrorBudget,
  FaultEffect,
  LoadPhase,
  Phase,
  Report,
} from './report.ts'
import { type Cell, numberCell, textCell } from './report-tables.ts'

/** One named value beside the tables. */
export type Fact = { readonly label: string; readonly cell: Cell }

/** What a phase says beyond its line in the table of phases. */
export function phaseFacts(phase: Phase): Fact[] {
  return [...kindFacts(phase), ...resourceFacts(phase)]
}

export function environmentFacts({ environment }: Report): Fact[] {
  return [
    fact('Processor', textCell(environment.cpuModel)),
    fact('Logical cores', numberCell(environment.logicalCores, formatCount)),
    fact('Memory', numberCell(environment.memoryBytes, formatBytes)),
    fact('Kernel', textCell(environment.kernel)),
    fact('Runtime', textCell(environment.runtime)),
    fact('Harness', textCell(`erji-bench ${environment.harnessVersion}`)),
    ...optional('Commit', environment.commit, textCell),
  ]
}

/** What a reader has to know before believing a figure: what the generator is capable of, and what disturbed the machine. */
export function trustFacts(report: Report): Fact[] {
  return [...calibrationFacts(report), ...disturbanceFacts(report)]
}

/** Phases during which other programs took a good part of the machine: latency then holds waiting for them. */
function disturbanceFacts({ phases, environment }: Report): Fact[] {
  const disturbed = phases.flatMap((phase) => {
    const share = (othersCpuSeconds(phase) ?? 0) / (usageSeconds(phase) * environment.logicalCores)
    return share > disturbedShare ? [`${phase.name}: ${formatRatio(share)} of the cores`] : []
  })
  return disturbed.length === 0 ? [] : [fact('Disturbed by other programs', textCell(disturbed.join(', ')))]
}

/** A quiet machine's own work stays below. */
const disturbedShare = 0.1

function othersCpuSeconds(phase: Phase): number | undefined {
  const { machineCpuSeconds, harnessCpuSeconds, nodeCpuSeconds = 0 } = phase
  if (machineCpuSeconds === undefined) return undefined
  // The counters tick in hundredths of a second, each at its own time.
  return Math.max(0, machineCpuSeconds - harnessCpuSeconds - nodeCpuSeconds)
}

/** What the generator was capable of, and which phases are too near its own floor to say much of the target. */
function calibrationFacts(report: Report): Fact[] {
  const { calibration } = report
  if (calibration === undefined) return []
  const { generatorPerSecond, echoPerSecond, floorP50Ns, floorP99Ns, latenessP99Ns } = calibration
  const near = phasesNearFloor(report)
  return [
    fact('Generator alone', numberCell(generatorPerSecond, formatPerSecond)),
    ...optional('Against an echo server', echoPerSecond, (rate) => numberCell(rate, formatPerSecond)),
    fact(
      'Its latency floor',
      textCell(`p50 ${formatNs(floorP50Ns)}, p99 ${formatNs(floorP99Ns)}${floorProtocol(report.target)}`),
    ),
    fact('Its lateness p99', numberCell(latenessP99Ns, formatNs)),
    ...(near.length === 0 ? [] : [fact('Within the noise of the generator', textCell(near.join(', ')))]),
  ]
}

/** The floor is measured against an echo server that speaks HTTP. */
function floorProtocol({ url }: Report['target']): string {
  return url.startsWith('http') ? '' : ' over HTTP, which is not what the target is asked by'
}

export function targetFacts({ target }: Report): Fact[] {
  const server = [target.server, target.version].filter((part) => part !== undefined).join(' ')
  return [
    fact('URL', textCell(target.url)),
    ...optional('Server', server === '' ? undefined : server, textCell),
    ...optional('Store engine', target.storeEngine, textCell),
    ...optional('Durability', target.durability, textCell),
    ...optional('Cache limit', target.cacheBytesMax, bytesCell),
    ...optional('Records', target.records, countCell),
    ...optional('Store size', target.storeBytes, bytesCell),
  ]
}

export function configurationFacts({ config, seed }: Report): Fact[] {
  const entries = Object.entries(config).filter(([name]) => name !== 'seed')
  return [
    fact('seed', { text: String(seed), value: seed }),
    ...entries.map(([name, value]) => fact(name, textCell(showSetting(value)))),
  ]
}

/** The command that made the report, quoted for a shell. */
export function repeatCommand({ command }: Report): string {
  return command.map(quote).join(' ')
}

/** One sentence for the outcome of the whole run. */
export function verdictSentence({ verdict, phases }: Report): string {
  const outcome = outcomeOf({ verdict, phases })
  if (outcome === 'invalid') {
    const invalid = phases.filter(({ valid }) => !valid).map(({ name }) => name)
    if (invalid.length === 0) return 'Invalid: interrupted; no wrong answers'
    return `Invalid: ${invalid.join(', ')} must not be quoted; no wrong answers`
  }
  const wrong = `${formatCount(verdict.wrongAnswers)} wrong ${verdict.wrongAnswers === 1 ? 'answer' : 'answers'}`
  return `${outcome === 'passed' ? 'Passed' : 'Failed'}: ${wrong}`
}

function kindFacts(phase: Phase): Fact[] {
  switch (phase.kind) {
    case 'load':
      return loadFacts(phase)
    case 'open-loop':
    case 'closed-loop':
      return openLoopFacts(phase)
    case 'ceiling':
      return ceilingFacts(phase)
  }
}

function loadFacts(phase: LoadPhase): Fact[] {
  return [
    fact('Identifiers', countCell(phase.identifiers)),
    fact('Created', countCell(phase.created)),
    fact('Already there', countCell(phase.identical)),
    fact('Failed', countCell(phase.failed)),
    fact('JSON generated a record', bytesCell(phase.generatedJsonBytesPerRecord)),
    ...optional('Store size a record', phase.storeBytesPerRecord, bytesCell),
    fact('Read back and compared', countCell(phase.sampled)),
    fact('Read back wrong', countCell(phase.sampledWrong)),
  ]
}

function clientsOf(phase: DrivenPhase): number | undefined {
  return phase.kind === 'closed-loop' ? phase.closedLoop.clients : undefined
}

function openLoopFacts(phase: DrivenPhase): Fact[] {
  const { cache } = phase
  return [
    fact('Workload', textCell(phase.workload)),
    ...optional('Clients in a closed loop', clientsOf(phase), countCell),
    fact('Due', countCell(phase.due)),
    fact('Sent', countCell(phase.sent)),
    fact('Dropped', countCell(phase.dropped)),
    ...optional('Last answers waited for', phase.drainSeconds, secondsCell),
    ...(phase.faults ?? []).map((effect) => fact(`Fault ${effect.kind}`, textCell(describeFault(effect)))),
    ...optional('Acknowledged writes read again', phase.acknowledged?.checked, countCell),
    ...optional('Acknowledged writes lost', phase.acknowledged?.lost, countCell),
    ...optional('Acknowledged writes not read', phase.acknowledged?.unread, countCell),
    ...optional('Error budget spent', phase.errorBudget, (budget) => textCell(describeBudget(budget))),
    fact('Scheduling lateness p99', numberCell(phase.schedulingLateness.p99Ns, formatNs)),
    fact('Scheduling lateness max', numberCell(phase.schedulingLateness.maxNs, formatNs)),
    ...optional('Requests sent again', phase.transport?.retries, countCell),
    ...optional('Requests never answered', phase.transport?.unanswered, countCell),
    ...optional('Answered by the cache of the client', phase.transport?.clientCacheHits, countCell),
    ...optional('Cache hit ratio', cache?.hitRatio, (ratio) => numberCell(ratio, formatRatio)),
    ...optional('Cache hits', cache?.hits, countCell),
    ...optional('Cache misses', cache?.misses, countCell),
    ...optional('Cache negative hits', cache?.negativeHits, countCell),
  ]
}

function describeBudget({ allowedShare, failed, spentShare }: ErrorBudget): string {
  return `${formatRatio(spentShare)}: ${formatCount(failed)} failures, ${formatShare(allowedShare)} of what was due are allowed`
}

function describeFault(effect: FaultEffect): string {
  const { fromSeconds, untilSeconds, lowestServedShare, worstP99Ns } = effect
  return [
    `from ${fromSeconds.toFixed(1)} s to ${untilSeconds.toFixed(1)} s`,
    ...(lowestServedShare === undefined ? [] : [`worst second ${formatRatio(lowestServedShare)} served`]),
    ...(worstP99Ns === undefined ? [] : [`p99 ${formatNs(worstP99Ns)}`]),
    describeRecovery(effect),
  ].join('; ')
}

function describeRecovery({ observed, recoveredAfterSeconds }: FaultEffect): string {
  if (recoveredAfterSeconds !== undefined) return `recovered after ${formatSeconds(recoveredAfterSeconds)}`
  return observed === false ? 'not observed' : 'not recovered'
}

function ceilingFacts(phase: CeilingPhase): Fact[] {
  return [
    fact('Tool', textCell(phase.tool)),
    fact('Connections', countCell(phase.connections)),
    fact('Errors', countCell(phase.errors)),
  ]
}

function resourceFacts(phase: Phase): Fact[] {
  return [
    fact('CPU time of the harness', secondsCell(phase.harnessCpuSeconds)),
    ...optional('CPU time of the node', phase.nodeCpuSeconds, secondsCell),
    ...optional('Time its threads waited for a core', phase.nodeWaitedSeconds, secondsCell),
    ...optional('CPU time of other programs', othersCpuSeconds(phase), secondsCell),
    ...optional('Memory of the node', phase.nodeResidentBytes, bytesCell),
  ]
}

function fact(label: string, cell: Cell): Fact {
  return { label, cell }
}

function optional<Value>(label: string, value: Value | undefined, toCell: (value: Value) => Cell): Fact[] {
  return value === undefined ? [] : [fact(label, toCell(value))]
}

function countCell(value: number): Cell {
  return numberCell(value, formatCount)
}

function secondsCell(value: number): Cell {
  return numberCell(value, formatSeconds)
}

function bytesCell(value: number): Cell {
  return numberCell(value, formatBytes)
}

function showSetting(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'not set')
}

function quote(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`
}
