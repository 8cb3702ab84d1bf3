import { Command, Option } from 'commander'
import type { z } from 'zod'
import { flagName } from '../../src/support/flag-name.ts'
import type { CommandContext } from '../cli/command-context.ts'
import { parseFlags } from '../cli/flags.ts'
import { quietStream } from '../cli/quiet-stream.ts'
import { prepareDirectoryOf, resultsDirectory } from '../cli/results-directory.ts'
import type { ExitCode } from '../report/verdict.ts'
import { treeFlags } from '../tree/tree-options.ts'
import { runCapacity } from './capacity.ts'
import { capacityFlags } from './capacity-options.ts'
import { runCompare, runHistory } from './compare.ts'
import { runComparePolicies } from './compare-policies.ts'
import { comparePoliciesFlags } from './compare-policies-options.ts'
import { runGateCommand } from './gate.ts'
import { compareFlags, gateFlags, historyFlags } from './gate-options.ts'
import { runLoad } from './load.ts'
import { runMainJob } from './main-job.ts'
import { refuseMisplacedFlags } from './misplaced-flags.ts'
import { runRun } from './run.ts'
import { benchFlags, loadFlags, runFlags } from './run-options.ts'
import { runServe, serveFlags } from './serve.ts'
import { addSimulatorCommands, type SimulatorPerformers, simulatorPerformers } from './simulator-commands.ts'
import { runTree } from './tree.ts'

export type Flags = z.ZodObject
/** Performs a command; the operands are its arguments that are not flags. */
export type Performer<Shape extends Flags> = (
  flags: z.infer<Shape>,
  context: CommandContext,
  operands: readonly string[],
) => Promise<ExitCode>

export type Named<Shape extends Flags> = {
  readonly name: string
  readonly purpose: string
  readonly shape: Shape
  /** How the operands are called in the help; a command without them takes none. */
  readonly operands?: string
  /** Refuses flags that do not go together, as they were written and without defaults. @throws UsageError */
  refuse?(given: Readonly<Record<string, unknown>>): void
  perform(flags: z.infer<Shape>, context: CommandContext, operands: readonly string[]): Promise<ExitCode>
}

/** What each command does; replaced in tests of the command line itself. */
export const performers = {
  load: runLoad,
  run: runRun,
  bench: runMainJob,
  capacity: runCapacity,
  'compare-policies': runComparePolicies,
  gate: runGateCommand,
  compare: runCompare,
  history: runHistory,
  tree: runTree,
  serve: runServe,
  ...simulatorPerformers,
} as const
export type Performers = SimulatorPerformers & {
  readonly load: Performer<typeof loadFlags>
  readonly run: Performer<typeof runFlags>
  readonly bench: Performer<typeof benchFlags>
  readonly capacity: Performer<typeof capacityFlags>
  readonly 'compare-policies': Performer<typeof comparePoliciesFlags>
  readonly gate: Performer<typeof gateFlags>
  readonly compare: Performer<typeof compareFlags>
  readonly history: Performer<typeof historyFlags>
  readonly tree: Performer<typeof treeFlags>
  readonly serve: Performer<typeof serveFlags>
}

/** The command line of the harness; `done` is told the exit code of whichever command it names. */
export function createCommandLine(
  context: CommandContext,
  options: { readonly performers: Performers; done(code: ExitCode): void },
): Command {
  const { performers, done } = options
  const program = new Command('erji-bench')
    .description('Loads, drives and measures identifier-resolution nodes.')
    .exitOverride()
    .showHelpAfterError('(erji-bench help COMMAND lists every flag)')
  const add = <Shape extends Flags>(named: Named<Shape>): void =>
    addCommand(program, named, { context, done })
  add({
    name: 'load',
    purpose: 'Registers generated identifiers on a server.',
    shape: loadFlags,
    perform: performers.load,
  })
  add({
    name: 'run',
    purpose: 'Drives a loaded server at an offered rate and verifies every answer.',
    shape: runFlags,
    refuse: refuseMisplacedFlags,
    perform: performers.run,
  })
  add({
    name: 'bench',
    purpose: 'The whole: starts a node, loads it, drives it, replays a trace.',
    shape: benchFlags,
    perform: performers.bench,
  })
  add({
    name: 'capacity',
    purpose: 'Searches the highest offered rate that meets objectives.',
    shape: capacityFlags,
    perform: performers.capacity,
  })
  add({
    name: 'compare-policies',
    purpose: 'Measures nodes with each cache policy at each size, asked the same requests.',
    shape: comparePoliciesFlags,
    perform: performers['compare-policies'],
  })
  addJudgingCommands(add, performers)
  addSimulatorCommands(add, performers)
  return program
}

/** Adds the commands that judge and show what others have measured, and the tree of nodes. */
function addJudgingCommands(
  add: <Shape extends Flags>(command: Named<Shape>) => void,
  performers: Performers,
): void {
  add({
    name: 'gate',
    purpose: 'Measures two nodes or commits by turns and judges the second against the first.',
    shape: gateFlags,
    perform: performers.gate,
  })
  add({
    name: 'compare',
    purpose: 'Judges one finished report against another: BASELINE.json CANDIDATE.json.',
    shape: compareFlags,
    operands: 'report',
    perform: performers.compare,
  })
  add({
    name: 'history',
    purpose: 'Shows the trend in files that gates have added to.',
    shape: historyFlags,
    operands: 'file',
    perform: performers.history,
  })
  add({
    name: 'tree',
    purpose: 'Starts a tree of nodes (top, secondary, enterprise, recursive) and asks it.',
    shape: treeFlags,
    perform: performers.tree,
  })
  add({
    name: 'serve',
    purpose: 'Shows the runs of a directory of results in a browser, and compares them.',
    shape: serveFlags,
    operands: 'directory',
    perform: performers.serve,
  })
}

function addCommand<Shape extends Flags>(
  program: Command,
  { name, purpose, shape, operands, refuse, perform }: Named<Shape>,
  parts: { readonly context: CommandContext; done(code: ExitCode): void },
): void {
  const { context, done } = parts
  const command = parentOf(program, name).command(lastWord(name)).description(purpose).exitOverride()
  if (operands !== undefined) command.argument(`<${operands}...>`)
  for (const [flag, schema] of Object.entries(shape.shape))
    command.addOption(optionOf(flag, schema as z.ZodType))
  command.option('--quiet', 'show no progress')
  if (tellsJson.has(name)) command.option('--json', 'print the result as JSON, and nothing else, to stdout')
  command.action(async () => {
    const { quiet = false, ...flags } = command.opts()
    const { json = false, ...rest } = flags
    // The commands of the simulator have a flag of their own by that name.
    const given = parseFlags(shape, tellsJson.has(name) ? rest : flags)
    refuse?.(flags)
    if (shape.shape.out === resultsDirectory) await prepareDirectoryOf('out', String(given.out))
    const stream = quiet === true ? quietStream() : context.stream
    done(await perform(given, { ...context, stream, json: json === true }, command.args))
  })
}

/** Where a command of two words belongs: under one that is named by the first. */
function parentOf(program: Command, name: string): Command {
  const [group = '', last] = name.split(' ')
  if (last === undefined) return program
  const known = program.commands.find((command) => command.name() === group)
  return (
    known ??
    program
      .command(group)
      .description(groups[group] ?? '')
      .exitOverride()
  )
}

const groups: Readonly<Record<string, string>> = {
  trace: 'Looks into request traces, converts and generates them.',
}

function lastWord(name: string): string {
  return name.slice(name.lastIndexOf(' ') + 1)
}

/** Commands whose result is one document. */
const tellsJson = new Set(['load', 'run', 'bench', 'capacity', 'gate', 'compare'])

/** The flag as its schema describes it, with the short form that libCacheSim has for it; values stay text, which the schema checks all at once. */
function optionOf(name: string, schema: z.ZodType): Option {
  const short = name === 'traceTypeParams' ? '-t, ' : ''
  const flag = `${short}--${flagName(name)}`
  const fallback = schema.safeParse(undefined)
  const standard = fallback.success && fallback.data !== undefined ? fallback.data : undefined
  const description = schema.description ?? ''
  if (typeof standard === 'boolean') return new Option(flag, description)
  const shown = standard === undefined ? description : `${description} (default: ${String(standard)})`
  const option = new Option(`${flag} <value>`, shown)
  return Array.isArray(standard) ? option.argParser(collect) : option
}

function collect(value: string, earlier: unknown): string[] {
  return Array.isArray(earlier) ? [...earlier, value] : [value]
}
