import type { Clock } from '../../src/support/clock.ts'
import { processUsage } from '../measure/process-usage.ts'
import { type Asked, driveTree, type TreeMeasurement } from './drive-tree.ts'
import { readUpstreamRequests } from './node-requests.ts'
import type { TreeNode } from './tree-node.ts'
import type { TreePlace } from './tree-places.ts'

/** What a measurement cost the nodes: requests that reached them and CPU seconds, by role. */
export type TreeCost = Readonly<
  Record<TreePlace['role'], { readonly requests: number; readonly cpuSeconds: number }>
>

export type TreeResultRow = TreeMeasurement & { readonly cost: TreeCost }

export type TreeRun = {
  readonly nodes: readonly TreeNode[]
  readonly recursive: TreeNode
  readonly ratePerSecond: number
  readonly durationSeconds: number
  readonly seed: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Drives one measurement and says what it cost which nodes. */
export async function measureTree(name: string, asked: Asked, run: TreeRun): Promise<TreeResultRow> {
  const { url } = run.recursive.process
  const before = await figuresOf(run)
  const measured = await driveTree({ ...run, name, asked, url })
  const after = await figuresOf(run)
  const cost = Object.fromEntries(
    roles.map((role) => {
      let requests = role === 'recursive' ? measured.answered + measured.failed : 0
      let cpuSeconds = 0
      for (const { place } of run.nodes.filter((node) => node.place.role === role)) {
        requests += (after.requests.get(place.host) ?? 0) - (before.requests.get(place.host) ?? 0)
        cpuSeconds += Math.max(
          0,
          (after.cpuSeconds.get(place.host) ?? 0) - (before.cpuSeconds.get(place.host) ?? 0),
        )
      }
      return [role, { requests, cpuSeconds }]
    }),
  ) as TreeCost
  return { ...measured, cost }
}

const roles = ['recursive', 'top', 'secondary', 'enterprise'] as const

type Figures = {
  readonly requests: ReadonlyMap<string, number>
  readonly cpuSeconds: ReadonlyMap<string, number>
}

/** By the address of each node; one that is down uses no CPU. */
async function figuresOf({ nodes, recursive }: TreeRun): Promise<Figures> {
  const cpuSeconds = nodes.map(({ place, process: { pid } }): [string, number] => [
    place.host,
    processUsage(pid)?.cpuSeconds ?? 0,
  ])
  return { requests: await readUpstreamRequests(recursive.process.url), cpuSeconds: new Map(cpuSeconds) }
}
