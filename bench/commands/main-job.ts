import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CommandContext } from '../cli/command-context.ts'
import { prepareDirectoryOf } from '../cli/results-directory.ts'
import { type NodeProcess, startNode } from '../node/node-process.ts'
import type { ExitCode } from '../report/verdict.ts'
import { calibratedLoad } from '../run/calibrate.ts'
import { replaySteps } from '../run/replay.ts'
import type { Step } from '../run/run-benchmark.ts'
import type { Session } from '../run/session.ts'
import { ceilingStep, loadStep, openLoopStep } from '../run/steps.ts'
import { runAndReport, withSession } from '../run/with-session.ts'
import { registrationBases } from '../workload/ordinals.ts'
import { shippedTraces } from '../workload/traces/index.ts'
import type { BenchFlags } from './run-options.ts'

const ceilingSeconds = 5
const ceilingConnections = 64

/**
 * `erji-bench bench`, the main job: a fresh node, loaded, driven at each offered rate, probed for its ceiling, and a real
 * trace replayed against it; one report. With a target it starts no node and leaves what it registered there.
 */
export async function runMainJob(flags: BenchFlags, context: CommandContext): Promise<ExitCode> {
  if (flags.target !== undefined) return measure(flags, context, flags.target)
  const directory = flags.data ?? mkdtempSync(join(tmpdir(), 'erji-bench-'))
  await prepareDirectoryOf('data', directory)
  const secretFile = flags.secretFile ?? join(directory, 'admin-secret')
  let node: NodeProcess | undefined
  try {
    node = await startNode({ ...flags, dataDirectory: join(directory, 'node'), secretFile })
    context.stream.write(`node ${node.pid} listens at ${node.url}, data in ${directory}\n`)
    return await measure({ ...flags, secretFile }, context, node.url)
  } finally {
    await node?.stop()
    if (flags.data === undefined && !flags.keepData) rmSync(directory, { recursive: true, force: true })
  }
}

function measure(flags: BenchFlags, context: CommandContext, url: string): Promise<ExitCode> {
  return withSession(url, flags, context, async (session) => {
    const phaseSeconds = flags.warmUp + flags.duration
    const bases = registrationBases(session.clock, { phases: flags.rate.length, phaseSeconds })
    const calibration = calibratedLoad({ ...flags, rate: Math.max(...flags.rate) })
    return runAndReport(session, {
      ...context,
      out: flags.out,
      steps: await stepsOf(session, flags, bases),
      config: { ...flags, target: url, registrationBases: bases },
      calibration: flags.skipCalibration ? undefined : calibration,
    })
  })
}

async function stepsOf(
  session: Session,
  flags: BenchFlags,
  bases: readonly number[],
): Promise<readonly Step[]> {
  const { preset, identifiers, rate, duration, warmUp, timeout, traceRate } = flags
  const load = loadStep(session, { ...flags, name: 'load', first: 0 })
  const drives = rate.map((ratePerSecond, index) =>
    openLoopStep(session, {
      ...flags,
      name: `${preset} at ${ratePerSecond}/s`,
      workloadName: preset,
      workload: {
        kind: 'mix',
        preset,
        distribution: flags.distribution,
        identifiers,
        registrationBase: bases[index] ?? 0,
      },
      ratePerSecond,
      durationSeconds: duration,
      warmUpSeconds: warmUp,
      timeoutSeconds: timeout,
    }),
  )
  const ceiling = ceilingStep(session, {
    ordinal: 0,
    connections: ceilingConnections,
    durationSeconds: ceilingSeconds,
  })
  const replay = await replaySteps(session, {
    ...flags,
    // A replay is judged by its answers: objectives are set for a rate that the trace did not choose.
    objective: undefined,
    file: fileURLToPath(shippedTraces.web07),
    traceName: 'web07',
    ratePerSecond: traceRate,
    timeoutSeconds: timeout,
  })
  // The probe of the ceiling speaks HTTP and nothing else.
  const ceilings = session.url.startsWith('http') ? [ceiling] : []
  return [load, ...drives, ...ceilings, ...replay]
}
