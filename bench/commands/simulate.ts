import { assert } from '../../src/support/assert.ts'
import { systemClock } from '../../src/support/clock.ts'
import type { CommandContext } from '../cli/command-context.ts'
import { UsageError } from '../cli/flags.ts'
import { collectEnvironment } from '../measure/environment.ts'
import { formatTable } from '../report/console.ts'
import { type ExitCode, exitCodes } from '../report/verdict.ts'
import { drawsLots, parsePolicies, parseSizes } from '../simulator/choices.ts'
import { isGenerated, withSeed } from '../simulator/generated-trace.ts'
import { type OpenedTrace, openSimulatedTrace } from '../simulator/open-simulated-trace.ts'
import { withReadingProgress } from '../simulator/reading-progress.ts'
import { simulationCsv } from '../simulator/report-rows.ts'
import { missesTable, rankingTable } from '../simulator/report-tables.ts'
import { reproduceFile } from '../simulator/reproduce.ts'
import { ReproductionError } from '../simulator/reproduction.ts'
import { seedTable } from '../simulator/seed-intervals.ts'
import { planJobs, runJobs, SimulationRefused } from '../simulator/simulate-traces.ts'
import {
  type SimulationReport,
  type SimulationRow,
  type SimulationSettings,
  simulationSchemaVersion,
} from '../simulator/simulation-report.ts'
import { SweepStopped } from '../simulator/sweep.ts'
import type { SweepJob } from '../simulator/sweep-messages.ts'
import { writeSimulation } from '../simulator/write-simulation.ts'
import { discardTrace, type StoredTrace } from '../workload/traces/stored-trace.ts'
import { TraceError } from '../workload/traces/trace-error.ts'
import type { ReproduceFlags, SimulateFlags } from './simulate-options.ts'

/** `erji-bench simulate TRACE…`: every policy at every size over each trace. */
export async function runSimulate(
  options: SimulateFlags,
  context: CommandContext,
  files: readonly string[],
): Promise<ExitCode> {
  return explainTraceErrors(async () => {
    const report = await simulateFiles(options, context, [...new Set(files)])
    const paths = await writeSimulation(report, { directory: options.out, parquet: options.parquet })
    process.stdout.write(printed(report, options))
    const told = options.csv || options.json ? context.stream : process.stdout
    for (const path of paths) told.write(`${path}\n`)
    return exitCodes.passed
  }, context)
}

/** `erji-bench reproduce RESULT.json`: makes the result again and says of each number whether it came out the same. */
export async function runReproduce(
  options: ReproduceFlags,
  context: CommandContext,
  files: readonly string[],
): Promise<ExitCode> {
  return explainTraceErrors(async () => {
    let differing = 0
    for (const file of files) {
      const { threads } = options
      const findings = await reproduceFile(file, { ...context, clock: systemClock, threads })
      for (const { same, text } of findings)
        process.stdout.write(`${same ? 'same     ' : 'DIFFERENT'} ${text}\n`)
      const different = findings.filter(({ same }) => !same).length
      process.stdout.write(
        `${file}: ${findings.length - different} of ${findings.length} came out the same\n`,
      )
      differing += different
    }
    return differing === 0 ? exitCodes.passed : exitCodes.failed
  }, context)
}

/** Turns what a user can mend into a usage error, and a stop into an exit code. */
export async function explainTraceErrors(
  perform: () => Promise<ExitCode>,
  context: CommandContext,
): Promise<ExitCode> {
  try {
    return await perform()
  } catch (error) {
    if (error instanceof SweepStopped) {
      context.stream.write('stopped: nothing was written\n')
      return exitCodes.invalid
    }
    if (error instanceof SimulationRefused || error instanceof ReproductionError)
      throw new UsageError([error.message])
    throw error
  }
}

/** Names the trace in what is wrong with it. */
export async function openTraceNamed<Opened>(file: string, open: () => Promise<Opened>): Promise<Opened> {
  try {
    return await open()
  } catch (error) {
    if (error instanceof TraceError) throw new UsageError([`${file}: ${error.message}`])
    throw error
  }
}

async function simulateFiles(
  options: SimulateFlags,
  context: CommandContext,
  files: readonly string[],
): Promise<SimulationReport> {
  const startedMs = systemClock.nowMs()
  const settings = settingsOf(options)
  const asked = {
    policies: readChoices(parsePolicies, options.policies),
    sizes: readChoices(parseSizes, options.sizes),
  }
  const report: SimulationReport = {
    simulationSchemaVersion,
    startedAt: new Date(startedMs).toISOString(),
    seconds: 0,
    command: [...context.command],
    environment: collectEnvironment(),
    settings,
    traces: [],
    rows: [],
  }
  for (const file of files.flatMap((operand) => drawsOf(operand, options))) {
    const opened = await openShown(file, { options, settings, context })
    try {
      report.traces.push(opened.facts)
      const jobs = planJobs(opened.trace, { ...asked, settings })
      report.rows.push(...(await runDraws(opened, jobs, { options, settings, context })))
    } finally {
      discardTrace(opened.trace)
    }
  }
  const seconds = (systemClock.nowMs() - startedMs) / 1000
  return { ...report, seconds, peakMemoryBytes: process.resourceUsage().maxRSS * 1024 }
}

type Simulation = {
  readonly options: SimulateFlags
  readonly settings: SimulationSettings
  readonly context: CommandContext
}

/** Reads the trace, showing how far it is. */
async function openShown(
  file: string,
  { options, settings, context }: Simulation,
): Promise<OpenedTrace<StoredTrace>> {
  const { format, traceTypeParams, requestsInMemory } = options
  return openTraceNamed(file, () =>
    withReadingProgress(file, context.stream, (whenRead) =>
      openSimulatedTrace(file, {
        requestsInMemory,
        whenRead,
        ignoreObjectSize: settings.ignoreObjectSize,
        times: settings.ttlSeconds !== undefined || settings.useTraceTtl,
        ttls: settings.useTraceTtl,
        ...(format === undefined ? {} : { format }),
        ...(traceTypeParams === undefined ? {} : { parameters: traceTypeParams }),
      }),
    ),
  )
}

/** Every job once; on a recorded trace those that draw lots again for each further seed, for a generated one is drawn anew itself. */
async function runDraws(
  opened: OpenedTrace<StoredTrace>,
  jobs: readonly SweepJob[],
  { options, settings, context }: Simulation,
): Promise<SimulationRow[]> {
  const sweepContext = { ...context, clock: systemClock }
  const rows = await runJobs(opened, jobs, settings, sweepContext)
  if (isGenerated(opened.facts.file)) return rows
  const drawing = jobs.filter(({ policy }) => drawsLots(policy))
  for (let draw = 1; draw < options.seeds && drawing.length > 0; draw++) {
    const seeded = { ...settings, seed: settings.seed + draw }
    rows.push(...(await runJobs(opened, drawing, seeded, sweepContext, { tellsSeed: true })))
  }
  return rows
}

/** A generated trace once for each seed; a file as it is. */
function drawsOf(operand: string, { seed, seeds }: SimulateFlags): string[] {
  if (!isGenerated(operand) || /,seed=\d+$/.test(operand)) return [operand]
  return Array.from({ length: seeds }, (_, draw) => withSeed(operand, seed + draw))
}

/** The flags were checked: what cannot be read here is a defect. */
export function readChoices<Choice>(
  parse: (text: string) => readonly Choice[] | string,
  text: string,
): readonly Choice[] {
  const choices = parse(text)
  assert(typeof choices !== 'string', 'choices that passed as flags can be read')
  return choices
}

function settingsOf(options: SimulateFlags): SimulationSettings {
  const { ignoreObjSize: ignoreObjectSize, warmUp, ttl, traceTtl, windows, seed, threads } = options
  return {
    ignoreObjectSize,
    warmUpFraction: warmUp ?? 0,
    ...(ttl === undefined ? {} : { ttlSeconds: ttl }),
    useTraceTtl: traceTtl,
    windows,
    seed,
    threads,
  }
}

function printed(report: SimulationReport, options: SimulateFlags): string {
  if (options.json) return `${JSON.stringify(report, undefined, 2)}\n`
  if (options.csv) return simulationCsv(report)
  const tables = [
    ...report.traces.map((trace) => missesTable(trace, report)),
    seedTable(report),
    rankingTable(report),
  ]
  return tables
    .filter(({ rows }) => rows.length > 0)
    .map((table) => `\n${formatTable(table).join('\n')}\n`)
    .join('')
}
