import { Command, Option } from 'commander'
import type { z } from 'zod'
import type { CommandContext } from './command-context.ts'
import { runLoad } from './command-load.ts'
import { benchFlags, loadFlags, runFlags } from './command-options.ts'
import { runRun } from './command-run.ts'
import { parseFlags } from './flags.ts'
import { runMainJob } from './main-job.ts'
import type { ExitCode } from './verdict.ts'

type Flags = z.ZodObject
type Performer<Shape extends Flags> = (flags: z.infer<Shape>, context: CommandContext) => Promise<ExitCode>

/** What each command does; replaced in tests of the command line itself. */
export const performers = { load: runLoad, run: runRun, bench: runMainJob } as const
export type Performers = {
  readonly load: Performer<typeof loadFlags>
  readonly run: Performer<typeof runFlags>
  readonly bench: Performer<typeof benchFlags>
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
  const add = <Shape extends Flags>(
    name: string,
    purpose: string,
    shape: Shape,
    perform: Performer<Shape>,
  ): void => {
    const command = program.command(name).description(purpose).exitOverride()
    for (const [flag, schema] of Object.entries(shape.shape))
      command.addOption(optionOf(flag, schema as z.ZodType))
    command.action(async (given: Record<string, unknown>) =>
      done(await perform(parseFlags(shape, given), context)),
    )
  }
  add('load', 'Registers generated identifiers on a server.', loadFlags, performers.load)
  add('run', 'Drives a loaded server at an offered rate and verifies every answer.', runFlags, performers.run)
  add(
    'bench',
    'The whole: starts a node, loads it, drives it, replays a trace.',
    benchFlags,
    performers.bench,
  )
  return program
}

/** The flag as its schema describes it; values stay text, which the schema checks all at once. */
function optionOf(name: string, schema: z.ZodType): Option {
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
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
