import { readFile } from 'node:fs/promises'
import { discardTrace, requestsInMemoryDefault, type StoredTrace } from '../workload/traces/stored-trace.ts'
import { TraceError } from '../workload/traces/trace-error.ts'
import { parsePolicies } from './choices.ts'
import { type OpenedTrace, openSimulatedTrace } from './open-simulated-trace.ts'
import { curveReportSchema, reproduceCurves } from './reproduce-curve.ts'
import { type Finding, ReproductionError } from './reproduction.ts'
import { runJobs, type SweepContext } from './simulate-traces.ts'
import {
  type SimulatedTrace,
  type SimulationReport,
  type SimulationRow,
  type SimulationSettings,
  simulationReportSchema,
} from './simulation-report.ts'
import type { SweepJob } from './sweep-messages.ts'

/** Reads a result of `simulate` or `curve` and makes it again. @throws ReproductionError where the file is none. */
export async function reproduceFile(
  file: string,
  context: SweepContext & { readonly threads: number },
): Promise<Finding[]> {
  let content: unknown
  try {
    content = JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    throw new ReproductionError(`${file} cannot be read as JSON: ${String(error)}`)
  }
  const curves = curveReportSchema.safeParse(content)
  if (curves.success) return reproduceCurves(curves.data)
  const parsed = simulationReportSchema.safeParse(content)
  if (parsed.success) return reproduceReport(parsed.data, context)
  const [issue] = parsed.error.issues
  const where = issue === undefined ? '' : ` (${issue.path.join('.')}: ${issue.message})`
  throw new ReproductionError(`${file} is no result of erji-bench simulate or curve${where}`)
}

/** Runs every row of a result again, with its own capacity and parameters; a trace that changed is a finding of its own. */
async function reproduceReport(
  report: SimulationReport,
  context: SweepContext & { readonly threads: number },
): Promise<Finding[]> {
  const findings: Finding[] = []
  const settings = { ...report.settings, threads: context.threads }
  for (const recorded of report.traces) {
    const opened = await openRecorded(recorded.file, report)
    try {
      findings.push(...(await reproduceTrace(opened, { recorded, report, settings }, context)))
    } finally {
      discardTrace(opened.trace)
    }
  }
  return findings
}

async function reproduceTrace(
  opened: OpenedTrace<StoredTrace>,
  of: {
    readonly recorded: SimulatedTrace
    readonly report: SimulationReport
    readonly settings: SimulationSettings
  },
  context: SweepContext,
): Promise<Finding[]> {
  const { recorded, report, settings } = of
  const same = opened.facts.sha256 === recorded.sha256
  const findings = [{ same, text: `${recorded.file}: SHA-256 ${opened.facts.sha256}` }]
  const rows = report.rows.filter(({ trace }) => trace === recorded.file)
  for (const [seed, seeded] of Map.groupBy(rows, (row) => row.seed ?? settings.seed)) {
    const again = await runJobs(opened, seeded.map(jobOf), { ...settings, seed }, context)
    findings.push(...seeded.map((row, index) => compareRows(row, again[index] as SimulationRow)))
  }
  return findings
}

async function openRecorded(file: string, { settings, traces }: SimulationReport) {
  const recorded = traces.find((trace) => trace.file === file)
  try {
    return await openSimulatedTrace(file, {
      requestsInMemory: requestsInMemoryDefault,
      ignoreObjectSize: settings.ignoreObjectSize,
      times: settings.ttlSeconds !== undefined || settings.useTraceTtl,
      ttls: settings.useTraceTtl,
      ...(recorded === undefined || recorded.format === 'generated'
        ? {}
        : { format: recorded.format, parameters: recorded.parameters }),
    })
  } catch (error) {
    if (error instanceof TraceError) throw new ReproductionError(`${file}: ${error.message}`)
    throw error
  }
}

/** The row's own parameters, so that a default that changed since does not change the run. */
function jobOf(row: SimulationRow): SweepJob {
  const choices = parsePolicies(row.policy)
  const choice = typeof choices === 'string' ? undefined : choices[0]
  if (choice === undefined) throw new ReproductionError(`the policy ${row.policy} is not here`)
  const { label, parameters, size, capacity, unit } = row
  return { policy: { ...choice, label, parameters }, size, capacity, unit }
}

const countNames = [
  'requests',
  'misses',
  'bytes',
  'byteMisses',
  'evictions',
  'expirations',
  'refusals',
] as const

function compareRows(recorded: SimulationRow, again: SimulationRow): Finding {
  const differences = countNames
    .filter((name) => recorded[name] !== again[name])
    .map((name) => `${name} ${recorded[name]} then, ${again[name]} now`)
  if (differences.length === 0 && JSON.stringify(recorded.series) !== JSON.stringify(again.series))
    differences.push('the time series')
  const { trace, label, size } = recorded
  const outcome = differences.length === 0 ? `${again.misses} misses` : differences.join(', ')
  return { same: differences.length === 0, text: `${trace} ${label} ${size}: ${outcome}` }
}
