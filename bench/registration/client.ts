import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { assert } from '../../src/support/assert.ts'
import { systemClock } from '../../src/support/clock.ts'
import { ownUsage } from '../measure/process-usage.ts'
import { registerInBulk } from './bulk-client.ts'
import type { ClientPlan, ClientResult } from './client-plan.ts'
import { registerSingly } from './single-client.ts'
import { Tally } from './tally.ts'

/** A process of its own that registers as fast as it is acknowledged, by the plan that it is sent. */
process.on('message', (plan: ClientPlan) => void work(plan))

async function work(plan: ClientPlan): Promise<void> {
  const tally = new Tally()
  const running = Array.from({ length: plan.connections }, (_, connection) => {
    const at = { connection, tally, clock: systemClock }
    if (plan.kind === 'bulk') return registerInBulk(plan, at)
    const socket = connect({ host: plan.host, port: plan.port, noDelay: true })
    registerSingly(socket, plan, at)
    return undefined
  })
  await warmUp(plan, tally)
  const fromNs = systemClock.nowNs()
  tally.begin({ fromNs, untilNs: fromNs + plan.seconds * 1e9 })
  tell({ type: 'warm' })
  const before = ownUsage().cpuSeconds
  await sleep(plan.seconds * 1000)
  const clientCpuSeconds = ownUsage().cpuSeconds - before
  const result: ClientResult = { ...tally.result(), seconds: plan.seconds, clientCpuSeconds }
  tally.isOver = true
  tell({ type: 'result', result })
  await Promise.all(running)
  process.exit()
}

const warmSecondsMax = 60
const warmCheckMs = 50

async function warmUp(plan: ClientPlan, tally: Tally): Promise<void> {
  const endNs = systemClock.nowNs() + warmSecondsMax * 1e9
  await sleep(plan.warmSeconds * 1000)
  while (tally.warmUp < plan.warmRecords && systemClock.nowNs() < endNs) await sleep(warmCheckMs)
}

export type FromClient =
  | { readonly type: 'warm' }
  | { readonly type: 'result'; readonly result: ClientResult }

function tell(message: FromClient): void {
  assert(process.send !== undefined, 'a client is started with a channel to its parent')
  process.send(message)
}
