import type { CommandContext } from '../cli/command-context.ts'
import { UsageError } from '../cli/flags.ts'
import { openLoadState } from '../load/load-state.ts'
import type { ExitCode } from '../report/verdict.ts'
import { loadStep } from '../run/steps.ts'
import { runAndReport, withSession } from '../run/with-session.ts'
import { formatRecordSizes } from '../workload/record-sizes.ts'
import { runDirectLoad } from './direct-load.ts'
import type { LoadFlags } from './run-options.ts'

/** `erji-bench load`: without `--direct` registers generated identifiers, going on where an interrupted load stopped. */
export async function runLoad(flags: LoadFlags, context: CommandContext): Promise<ExitCode> {
  const { target: url, direct, prefix, seed, identifiers } = flags
  if (direct !== undefined && url === undefined) return runDirectLoad({ ...flags, direct }, context)
  if (url === undefined) throw new UsageError([`--target is missing; ${oneOfBoth}`])
  if (direct !== undefined) throw new UsageError([`--target is "${url}" beside --direct; ${oneOfBoth}`])
  return withSession(url, flags, context, async (session) => {
    const { stream } = context
    const { sizes } = session.records
    const described = sizes === undefined ? {} : { sizes: formatRecordSizes(sizes) }
    const state = openLoadState(flags.out, { target: url, prefix, seed, ...described })
    const resumed = state.readCompleted()
    if (resumed > 0) stream.write(`going on after ${resumed} identifiers that ${state.file} tells of\n`)
    const step = loadStep(session, { ...flags, name: 'load', first: 0, state })
    const code = await runAndReport(session, { ...context, out: flags.out, config: flags, steps: [step] })
    const completed = state.readCompleted()
    if (completed < identifiers) {
      stream.write(
        `${completed} of ${identifiers} identifiers are registered; the same command again goes on from there\n`,
      )
    }
    return code
  })
}

const oneOfBoth = 'expected either an address such as http://127.0.0.1:8000 or --direct with a data directory'
