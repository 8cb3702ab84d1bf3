import { basename } from 'node:path'
import { calibrate } from './calibrate.ts'
import type { CommandContext } from './command-context.ts'
import { runWithFaults } from './command-fault.ts'
import type { RunFlags } from './command-options.ts'
import { credentialsOf, recordsOf } from './credentials.ts'
import { finish } from './finish.ts'
import { UsageError } from './flags.ts'
import { registrationBases } from './ordinals.ts'
import { replaySteps } from './replay.ts'
import { runBenchmark, type Step } from './run.ts'
import { openSession, type Session } from './session.ts'
import { openLoopStep } from './steps.ts'
import type { ExitCode } from './verdict.ts'

/** `erji-bench run`: drives a loaded server at one offered rate, or replays a trace against it. */
export async function runRun(flags: RunFlags, context: CommandContext): Promise<ExitCode> {
  const { target: url, seed, trace } = flags
  if (flags.fault.length > 0) {
    if (url === undefined && trace === undefined) return runWithFaults(flags, context)
    const given = url === undefined ? `--trace "${trace}"` : `--target "${url}"`
    throw new UsageError([
      `--fault is given with ${given}; expected --fault alone: it breaks a node started for it`,
    ])
  }
  if (url === undefined)
    throw new UsageError(['--target is missing; expected an address such as http://127.0.0.1:8000'])
  const { signal, stream, command } = context
  const credentials = credentialsOf(flags)
  const session = await openSession({ url, credentials, records: recordsOf(flags), seed, signal, stream })
  try {
    const { target, clock } = session
    const phaseSeconds = flags.warmUp + flags.duration
    const [base = 0] = registrationBases(clock, { phases: 1, phaseSeconds })
    const steps =
      trace === undefined ? [mixStep(session, flags, base)] : await traceSteps(session, flags, trace)
    const config = trace === undefined ? { ...flags, registrationBase: base } : flags
    const calibrating = { ratePerSecond: flags.rate, workers: flags.workers, seed, clock, signal }
    const report = await runBenchmark({
      target,
      clock,
      signal,
      seed,
      command,
      config,
      steps,
      ...(flags.skipCalibration ? {} : { calibrate: () => calibrate(calibrating) }),
    })
    return await finish(report, { directory: flags.out })
  } finally {
    await session.target.close()
  }
}

function mixStep(session: Session, flags: RunFlags, registrationBase: number): Step {
  const { preset, identifiers, rate, duration, warmUp, timeout } = flags
  return openLoopStep(session, {
    ...flags,
    name: `${preset} at ${rate}/s`,
    workloadName: preset,
    workload: { kind: 'mix', preset, identifiers, registrationBase },
    ratePerSecond: rate,
    durationSeconds: duration,
    warmUpSeconds: warmUp,
    timeoutSeconds: timeout,
  })
}

function traceSteps(session: Session, flags: RunFlags, file: string): Promise<readonly Step[]> {
  const { rate, traceRate = rate, timeout: timeoutSeconds } = flags
  const traceName = basename(file).replace(/\..*$/, '')
  return replaySteps(session, { ...flags, file, traceName, ratePerSecond: traceRate, timeoutSeconds })
}
