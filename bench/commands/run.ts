import { basename } from 'node:path'
import type { CommandContext } from '../cli/command-context.ts'
import { UsageError } from '../cli/flags.ts'
import type { ExitCode } from '../report/verdict.ts'
import { calibratedLoad } from '../run/calibrate.ts'
import { readAcknowledged, withReadBack } from '../run/read-acknowledged.ts'
import { replaySteps } from '../run/replay.ts'
import type { Step } from '../run/run-benchmark.ts'
import type { Session } from '../run/session.ts'
import { type DriveOptions, driveOpenLoop } from '../run/steps.ts'
import { runAndReport, withSession } from '../run/with-session.ts'
import { registrationBases } from '../workload/ordinals.ts'
import type { RunFlags } from './run-options.ts'
import { runWithFaults } from './run-with-faults.ts'

/** `erji-bench run`: drives a loaded server at one offered rate, or replays a trace against it. */
export async function runRun(flags: RunFlags, context: CommandContext): Promise<ExitCode> {
  const { target: url, trace } = flags
  if (flags.readBack && trace !== undefined)
    throw new UsageError([
      `--read-back is given with --trace "${trace}"; expected a --preset: it knows what it wrote`,
    ])
  if (flags.recoverWithin !== undefined && flags.fault.length === 0)
    throw new UsageError([
      `--recover-within is "${flags.recoverWithin}s" without --fault; expected the faults to recover from`,
    ])
  if (flags.fault.length > 0) {
    if (url === undefined && trace === undefined) return runWithFaults(flags, context)
    const given = url === undefined ? `--trace "${trace}"` : `--target "${url}"`
    throw new UsageError([
      `--fault is given with ${given}; expected --fault alone: it breaks a node started for it`,
    ])
  }
  if (url === undefined)
    throw new UsageError(['--target is missing; expected an address such as http://127.0.0.1:8000'])
  return withSession(url, flags, context, async (session) => {
    const phaseSeconds = flags.warmUp + flags.duration
    const [base = 0] = registrationBases(session.clock, { phases: 1, phaseSeconds })
    return runAndReport(session, {
      ...context,
      out: flags.out,
      steps: trace === undefined ? [mixStep(session, flags, base)] : await traceSteps(session, flags, trace),
      config: trace === undefined ? { ...flags, registrationBase: base } : flags,
      calibration: flags.skipCalibration ? undefined : calibratedLoad(flags),
    })
  })
}

/** The one phase of a run that is no replay. */
export function mixStep(session: Session, flags: RunFlags, registrationBase: number): Step {
  const { preset, identifiers, rate, clients, duration, warmUp, timeout } = flags
  const options: DriveOptions = {
    ...flags,
    name: clients === undefined ? `${preset} at ${rate}/s` : `${preset} by ${clients} clients`,
    closedLoop: clients === undefined ? undefined : { clients, thinkSeconds: flags.think },
    workloadName: preset,
    workload: { kind: 'mix', preset, distribution: flags.distribution, identifiers, registrationBase },
    ratePerSecond: rate,
    durationSeconds: duration,
    warmUpSeconds: warmUp,
    timeoutSeconds: timeout,
    tellsAcknowledged: flags.readBack,
  }
  return {
    name: options.name,
    async perform() {
      const { phase, acknowledged, ...outcome } = await driveOpenLoop(session, options)
      if (!flags.readBack) return { ...outcome, phase }
      const readBack = await readAcknowledged(session, acknowledged)
      return { ...outcome, phase: withReadBack(phase, readBack) }
    },
  }
}

async function traceSteps(session: Session, flags: RunFlags, file: string): Promise<readonly Step[]> {
  const { rate, traceRate = rate, timeout: timeoutSeconds, format, traceTypeParams: parameters } = flags
  const traceName = basename(file).replace(/\..*$/, '')
  const reading = {
    ...(format === undefined ? {} : { format }),
    ...(parameters === undefined ? {} : { parameters }),
  }
  const named = { file, reading, traceName }
  return replaySteps(session, { ...flags, ...named, ratePerSecond: traceRate, timeoutSeconds })
}
