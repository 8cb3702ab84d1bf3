import type { CommandContext } from '../cli/command-context.ts'
import type { ExitCode } from '../report/verdict.ts'
import { type CalibratedLoad, calibrate } from './calibrate.ts'
import { finish } from './finish.ts'
import { credentialsOf, type Identifying, recordsOf } from './identifying.ts'
import { type OfferedLoad, runBenchmark, type Step } from './run-benchmark.ts'
import { openSession, type Session } from './session.ts'

/** The flags that every command which drives a server has. */
export type SessionFlags = Identifying & { readonly out: string; readonly insecure?: boolean }

/** Opens a session with a server, hands it over, closes it whatever comes. */
export async function withSession<Result>(
  url: string,
  flags: SessionFlags,
  context: CommandContext,
  use: (session: Session) => Promise<Result>,
): Promise<Result> {
  const { signal, stream } = context
  const credentials = credentialsOf(flags)
  const records = recordsOf(flags)
  const { seed, insecure } = flags
  const session = await openSession({ url, credentials, records, seed, insecure, signal, stream })
  try {
    return await use(session)
  } finally {
    await session.target.close()
  }
}

export type ReportedRun = {
  readonly steps: readonly Step[]
  readonly config: Readonly<Record<string, unknown>>
  readonly out: string
  readonly command: readonly string[]
  /** Whether stdout gets the report as JSON. */
  readonly json?: boolean | undefined
  /** The load that the generator is measured for before the steps; none where it is not asked for. */
  readonly calibration?: CalibratedLoad | undefined
}

/** Performs the steps of a session, reports them, and gives the exit code. */
export async function runAndReport(session: Session, run: ReportedRun): Promise<ExitCode> {
  const { calibration, steps } = run
  const report = await runBenchmark({
    ...session,
    ...run,
    ...(calibration === undefined
      ? {}
      : { calibrate: () => calibrate({ ...session, ...calibration, ...highestOffered(steps) }) }),
  })
  return finish(report, { directory: run.out, json: run.json })
}

/** A replay knows its rate from its trace; of several phases the busiest counts. */
function highestOffered(steps: readonly Step[]): OfferedLoad | undefined {
  const [highest] = steps
    .flatMap(({ offered }) => offered ?? [])
    .toSorted((one, other) => other.ratePerSecond - one.ratePerSecond)
  return highest
}
