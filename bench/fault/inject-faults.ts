import type { Clock } from '../../src/support/clock.ts'
import { slept } from '../support/slept.ts'
import { isOfProcess } from './check-faults.ts'
import type { FaultyNode } from './faulty-node.ts'
import { holdConnections, resetConnections } from './hostile-connections.ts'
import type { PlannedFault } from './parse-faults.ts'

/** A fault as it happened, in seconds after measuring began. */
export type InjectedFault = PlannedFault & { readonly fromSeconds: number; readonly untilSeconds: number }

/** What of a node can be broken. */
export type Breakable = Pick<
  FaultyNode,
  'url' | 'killAndRestart' | 'pause' | 'fillDisk' | 'slowDisk' | 'killWorker' | 'moveClock'
>

/**
 * Injects each fault at its own time, whether or not others last; only what is done to the process waits until it runs again.
 * Resolves with what happened, in order, once all are over. An abort ends those under way, and no other begins; so does a fault
 * that fails, with whose error it rejects then.
 */
export async function injectFaults(
  faults: readonly PlannedFault[],
  parts: { readonly node: Breakable; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<readonly InjectedFault[]> {
  const { node, clock } = parts
  const failed = new AbortController()
  const signal = AbortSignal.any([parts.signal, failed.signal])
  const startNs = clock.nowNs()
  const elapsed = (): number => (clock.nowNs() - startNs) / 1e9
  const injected: InjectedFault[] = []
  const act = async (fault: PlannedFault): Promise<void> => {
    if (signal.aborted) return
    const fromSeconds = elapsed()
    await inject(fault, node, signal)
    injected.push({ ...fault, fromSeconds, untilSeconds: elapsed() })
  }
  let processIsFree: Promise<unknown> = Promise.resolve()
  const injectWhenDue = async (fault: PlannedFault): Promise<void> => {
    await slept(fault.atSeconds - elapsed(), signal)
    if (!isOfProcess(fault)) return act(fault)
    const acting = processIsFree.then(() => act(fault))
    processIsFree = acting.catch(() => undefined)
    return acting
  }
  const all = faults.map((fault) =>
    injectWhenDue(fault).catch((error) => {
      failed.abort()
      throw error
    }),
  )
  // Each has let go of the node before the first failure is told.
  await Promise.allSettled(all)
  await Promise.all(all)
  return injected.toSorted((left, right) => left.fromSeconds - right.fromSeconds)
}

/** What each access to a slow disk takes longer: a rotating disk under a backup. */
const slowDiskExtraMs = 50

async function inject(
  { kind, lastsSeconds, jumpSeconds }: PlannedFault,
  node: Breakable,
  signal: AbortSignal,
): Promise<void> {
  switch (kind) {
    case 'kill':
      return node.killAndRestart()
    case 'stop':
      return node.pause({ lastsSeconds, signal })
    case 'resets':
      return resetConnections(node.url, lasting(lastsSeconds, signal))
    case 'slow-clients':
      return holdConnections(node.url, lasting(lastsSeconds, signal))
    case 'full-disk':
      return node.fillDisk({ lastsSeconds, signal })
    case 'slow-disk':
      return node.slowDisk({ lastsSeconds, extraMs: slowDiskExtraMs, signal })
    case 'worker-death':
      return node.killWorker(signal)
    case 'clock-forward':
      return node.moveClock(jumpSeconds)
    case 'clock-back':
      return node.moveClock(-jumpSeconds)
  }
}

/** Aborts when the time is over, or the run. */
function lasting(seconds: number, signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)])
}
