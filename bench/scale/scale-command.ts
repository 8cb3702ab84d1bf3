import { Command, Option } from 'commander'
import type { z } from 'zod'
import { StartupError } from '../../src/errors.ts'
import { systemClock } from '../../src/support/clock.ts'
import { flagName } from '../../src/support/flag-name.ts'
import { parseFlags, UsageError } from '../cli/flags.ts'
import { NodeProcessError } from '../node/node-process.ts'
import { type ExitCode, exitCodes } from '../report/verdict.ts'
import { TargetError } from '../target/target-error.ts'
import { WrongAnswerError } from './drive.ts'
import { LoadError } from './size-run.ts'

/** One benchmark of this folder as a command: its flags read and refused in words, and what breaks it told in a line. */
export async function runCommand<Shape extends z.ZodObject>(options: {
  readonly name: string
  readonly description: string
  readonly flags: Shape
  run(flags: z.infer<Shape>): Promise<ExitCode>
}): Promise<ExitCode> {
  try {
    const command = new Command(options.name).description(options.description)
    for (const [name, schema] of Object.entries(options.flags.shape)) {
      command.addOption(optionOf(name, schema as z.ZodType))
    }
    command.parse(process.argv)
    return await options.run(parseFlags(options.flags, command.opts()))
  } catch (error) {
    const known = [UsageError, StartupError, LoadError, TargetError, NodeProcessError, WrongAnswerError]
    if (!(error instanceof Error) || !known.some((kind) => error instanceof kind)) throw error
    process.stderr.write(`${options.name}: ${error.message}\n`)
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed
  }
}

/** Says what is going on, with the time. */
export function say(text: string): void {
  const time = new Date(systemClock.nowMs()).toISOString().slice(11, 19)
  process.stderr.write(`${time} ${text}\n`)
}

function optionOf(name: string, schema: z.ZodType): Option {
  const flag = `--${flagName(name)}`
  const fallback = schema.safeParse(undefined)
  const standard = fallback.success ? fallback.data : undefined
  if (typeof standard === 'boolean') return new Option(flag, schema.description)
  return new Option(`${flag} <value>`, `${schema.description} (default: ${String(standard)})`)
}
