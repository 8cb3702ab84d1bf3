import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { calibrate } from './calibrate.ts'
import type { CommandContext } from './command-context.ts'
import type { BenchFlags } from './command-options.ts'
import { credentialsOf, recordsOf } from './credentials.ts'
import { finish } from './finish.ts'
import { type NodeProcess, startNode } from './node-process.ts'
import { registrationBases } from './ordinals.ts'
import { replaySteps } from './replay.ts'
import { runBenchmark, type Step } from './run.ts'
import { openSession, type Session } from './session.ts'
import { ceilingStep, loadStep, openLoopStep } from './steps.ts'
import type { ExitCode } from './verdict.ts'
import { shippedTraces } from './workload/traces/index.ts'

const ceilingSeconds = 5
const ceilingConnections = 64

/**
 * `erji-bench bench`, the main job: a fresh node, loaded, driven at each offered rate, probed for its ceiling, and a real
 * trace replayed against it; one report. With a target it starts no node and leaves what it registered there.
 */
export async function runMainJob(flags: BenchFlags, context: CommandContext): Promise<ExitCode> {
  if (flags.target !== undefined) return measure(flags, context, flags.target)
  const directory = flags.data ?? mkdtempSync(join(tmpdir(), 'erji-bench-'))
  mkdirSync(directory, { recursive: true })
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

async function measure(flags: BenchFlags, context: CommandContext, url: string): Promise<ExitCode> {
  const { seed } = flags
  const { signal, stream, command } = context
  const credentials = credentialsOf(flags)
  const session = await openSession({ url, credentials, records: recordsOf(flags), seed, signal, stream })
  try {
    const { target, clock } = session
    const phaseSeconds = flags.warmUp + flags.duration
    const bases = registrationBases(clock, { phases: flags.rate.length, phaseSeconds })
    const steps = await stepsOf(session, flags, bases)
    const config = { ...flags, target: url, registrationBases: bases }
    const ratePerSecond = Math.max(...flags.rate)
    const calibrating = { ratePerSecond, workers: flags.workers, seed, clock, signal }
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
      workload: { kind: 'mix', preset, identifiers, registrationBase: bases[index] ?? 0 },
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
    file: fileURLToPath(shippedTraces.web07),
    traceName: 'web07',
    ratePerSecond: traceRate,
    timeoutSeconds: timeout,
  })
  return [load, ...drives, ceiling, ...replay]
}
