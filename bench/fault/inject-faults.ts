import type { Clock } from '../../src/support/clock.ts'
import { slept } from '../slept.ts'
import type { FaultyNode } from './faulty-node.ts'
import { holdConnections, resetConnections } from './hostile-connections.ts'
import type { PlannedFault } from './parse-faults.ts'

/** A fault as it happened, in seconds after measuring began. */
export type InjectedFault = PlannedFault & { readonly fromSeconds: number; readonly untilSeconds: number }

/** Injects each fault when it is due; resolves with what happened once all are over. A fault that fails ends the run. */
export async function injectFaults(
  faults: readonly PlannedFault[],
  parts: { readonly node: FaultyNode; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<readonly InjectedFault[]> {
  const startNs = parts.clock.nowNs()
  const elapsed = (): number => (parts.clock.nowNs() - startNs) / 1e9
  const injected: InjectedFault[] = []
  for (const fault of faults.toSorted((left, right) => left.atSeconds - right.atSeconds)) {
    if (!(await slept(fault.atSeconds - elapsed(), parts.signal))) break
    const fromSeconds = elapsed()
    await inject(fault, parts.node)
    injected.push({ ...fault, fromSeconds, untilSeconds: elapsed() })
  }
  return injected
}

/** What each access to a slow disk takes longer: a rotating disk under a backup. */
const slowDiskExtraMs = 50

async function inject({ kind, lastsSeconds }: PlannedFault, node: FaultyNode): Promise<void> {
  switch (kind) {
    case 'kill':
      return node.killAndRestart()
    case 'stop':
      return node.pause(lastsSeconds)
    case 'resets':
      return resetConnections(node.url, AbortSignal.timeout(lastsSeconds * 1000))
    case 'slow-clients':
      return holdConnections(node.url, AbortSignal.timeout(lastsSeconds * 1000))
    case 'full-disk':
      return node.fillDisk(lastsSeconds)
    case 'slow-disk':
      return node.slowDisk({ lastsSeconds, extraMs: slowDiskExtraMs })
    case 'worker-death':
      return node.killWorker()
    case 'clock-forward':
      return node.moveClock(lastsSeconds)
    case 'clock-back':
      return node.moveClock(-lastsSeconds)
  }
}
