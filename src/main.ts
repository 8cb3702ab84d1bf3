#!/usr/bin/env node
import { Command } from 'commander'
import { digestCommand } from './cli/digest-command.ts'
import { exportCommand } from './cli/export-command.ts'
import { identifyCommand } from './cli/identify-command.ts'
import { importCommand } from './cli/import-command.ts'
import { prefixCommand } from './cli/prefix-command.ts'
import { serveCommand } from './cli/serve-command.ts'
import { storeCommand } from './cli/store-command.ts'
import { HandleError, StartupError } from './errors.ts'
import { packageVersion } from './support/package-version.ts'
import { withoutClosing } from './support/without-closing.ts'

// 75 is what scripts know as a failure that passes (EX_TEMPFAIL): the same command later may succeed.
const exitCodes: ReadonlyMap<string, number> = new Map([
  ['CONFIG_INVALID', 2],
  ['STORE_UNREADABLE', 2],
  ['NODE_BUSY', 75],
])

const program = new Command('erji')
  .description(
    'An identifier-resolution secondary node (二级节点): registers and resolves prefix/suffix identifiers',
  )
  .version(packageVersion())
  .showHelpAfterError()
  .addCommand(serveCommand())
  .addCommand(importCommand())
  .addCommand(exportCommand())
  .addCommand(identifyCommand())
  .addCommand(digestCommand())
  .addCommand(prefixCommand())
  .addCommand(storeCommand())

// What the command line itself refuses is wrong input like what the commands refuse; help and version are not.
for (const command of withNested(program)) {
  command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
}

try {
  await program.parseAsync()
} catch (thrown) {
  const error = withoutClosing(thrown)
  // A store that cannot be written to, such as on a full disk, is found out by the first start's own records.
  if (!(error instanceof StartupError || error instanceof HandleError)) throw thrown
  process.stderr.write(`erji: ${error.message}\n`)
  process.exitCode = exitCodes.get(error.code) ?? 1
}

function withNested(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withNested)]
}
