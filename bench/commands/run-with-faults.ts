import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CommandContext } from '../cli/command-context.ts'
import { UsageError } from '../cli/flags.ts'
import { problemsOfFaults } from '../fault/check-faults.ts'
import { errorBudget } from '../fault/error-budget.ts'
import { recoveredTooLate, withFaults } from '../fault/fault-effect.ts'
import { FaultyNode } from '../fault/faulty-node.ts'
import { type InjectedFault, injectFaults } from '../fault/inject-faults.ts'
import { type PlannedFault, parseFault } from '../fault/parse-faults.ts'
import { SmallDiskError } from '../fault/small-disk.ts'
import { NodeProcessError } from '../node/node-process.ts'
import type { ExitCode } from '../report/verdict.ts'
import { calibratedLoad } from '../run/calibrate.ts'
import { readAcknowledged, withReadBack } from '../run/read-acknowledged.ts'
import type { Step } from '../run/run-benchmark.ts'
import type { Session } from '../run/session.ts'
import { driveOpenLoop, loadStep } from '../run/steps.ts'
import { runAndReport, withSession } from '../run/with-session.ts'
import { registrationBases } from '../workload/ordinals.ts'
import type { RunFlags } from './run-options.ts'

/** `erji-bench run --fault …`: starts a node, loads it, drives it while it is broken on purpose, and counts what was lost. */
export async function runWithFaults(flags: RunFlags, context: CommandContext): Promise<ExitCode> {
  const planned = flags.fault.map(parseFault)
  refuseImpossible(planned, flags)
  const directory = mkdtempSync(join(tmpdir(), 'erji-fault-'))
  const secretFile = flags.secretFile ?? join(directory, 'admin-secret')
  let node: FaultyNode | undefined
  // Also when a second Ctrl-C ends this process at once.
  const clearAway = (): void => {
    node?.endAtOnce()
    rmSync(directory, { recursive: true, force: true, maxRetries: 10 })
  }
  process.once('exit', clearAway)
  try {
    const { prefix, cacheBytes, durability, nodeWorkers } = flags
    node = await FaultyNode.start({
      dataDirectory: join(directory, 'node'),
      ordersDirectory: join(directory, 'orders'),
      diskBytes: planned.some(({ kind }) => kind === 'full-disk') ? diskBytesOf(flags) : undefined,
      secretFile,
      prefix,
      durability,
      cacheBytes,
      nodeWorkers,
    })
    context.stream.write(`node ${node.pid} listens at ${node.url}, data in ${directory}\n`)
    return await measure({ ...flags, secretFile }, context, node)
  } catch (error) {
    if (!(error instanceof SmallDiskError)) throw error
    throw new UsageError([
      `--fault is "${flags.fault.join(', ')}"; expected a system that allows it: ${error.message}`,
    ])
  } finally {
    await node?.stop()
    process.removeListener('exit', clearAway)
    rmSync(directory, { recursive: true, force: true })
  }
}

/** @throws UsageError naming every fault that cannot happen, or that nobody would see */
function refuseImpossible(planned: readonly PlannedFault[], { duration, nodeWorkers }: RunFlags): void {
  const problems = problemsOfFaults(planned, { durationSeconds: duration })
  if (planned.some(({ kind }) => kind === 'worker-death') && nodeWorkers < 2) {
    problems.push(
      `--node-workers is "${nodeWorkers}"; expected 2 or more with --fault worker-death: somebody must be left`,
    )
  }
  if (problems.length > 0) throw new UsageError(problems)
}

/** Room for what is loaded and registered, several times over, and for the node's reserve; it is in memory when used. */
function diskBytesOf({ identifiers, rate, duration }: RunFlags): number {
  const recordBytesMost = 2000
  return 512 * 1024 * 1024 + (identifiers + rate * duration) * recordBytesMost
}

function measure(flags: RunFlags, context: CommandContext, node: FaultyNode): Promise<ExitCode> {
  return withSession(node.url, flags, context, (session) => {
    const load = loadStep(session, { ...flags, name: 'load', first: 0, sample: 0 })
    const steps = [load, faultStep(session, flags, node)]
    return runAndReport(session, {
      ...context,
      out: flags.out,
      steps,
      config: { ...flags, target: node.url },
      calibration: flags.skipCalibration ? undefined : calibratedLoad(flags),
    })
  })
}

function faultStep(session: Session, flags: RunFlags, node: FaultyNode): Step {
  const { preset, identifiers, rate, duration, warmUp, timeout, objective } = flags
  const [registrationBase = 0] = registrationBases(session.clock, {
    phases: 1,
    phaseSeconds: warmUp + duration,
  })
  const name = `${preset} at ${rate}/s with faults`
  const planned = flags.fault.map(parseFault)
  return {
    name,
    async perform() {
      let injecting: Promise<readonly InjectedFault[]> = Promise.resolve([])
      const over = new AbortController()
      const signal = AbortSignal.any([session.signal, over.signal])
      const { phase, wrong, acknowledged, faults } = await driveOpenLoop(session, {
        ...flags,
        name,
        workloadName: preset,
        workload: { kind: 'mix', preset, distribution: flags.distribution, identifiers, registrationBase },
        ratePerSecond: rate,
        durationSeconds: duration,
        warmUpSeconds: warmUp,
        timeoutSeconds: timeout,
        objective,
        tellsAcknowledged: true,
        whenMeasuring: () => {
          injecting = injectFaults(planned, { clock: session.clock, node, signal })
          // Awaited below; a failure meanwhile must not end the process.
          injecting.catch(() => undefined)
        },
      }).finally(async () => {
        over.abort()
        await Promise.allSettled([injecting])
      })
      const { injected, failures } = await whatHappened(injecting)
      const readBack = await readAcknowledged(session, acknowledged)
      const broken = withFaults(withReadBack(phase, readBack), { planned, injected })
      const late = recoveredTooLate(broken.faults ?? [], flags.recoverWithin).map((one) => `${name}: ${one}`)
      return {
        phase: { ...broken, errorBudget: errorBudget(phase, objective) },
        wrong,
        faults: [...faults, ...failures.map((failure) => `${name}: ${failure}`), ...late],
      }
    },
  }
}

/** The faults that were injected, or in a sentence why the node did not live through one: its failure, not the harness's. */
async function whatHappened(
  injecting: Promise<readonly InjectedFault[]>,
): Promise<{ readonly injected: readonly InjectedFault[]; readonly failures: readonly string[] }> {
  try {
    return { injected: await injecting, failures: [] }
  } catch (error) {
    if (!(error instanceof NodeProcessError)) throw error
    return { injected: [], failures: [`the node did not come back: ${error.message}`] }
  }
}
