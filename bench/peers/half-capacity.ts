/**
 * Latency from the due time at half of the node's own capacity (`npm run bench:half-capacity`): each round finds what a closed
 * loop gets of it, offers half of that by the open loop, and compares p99.9 with p50.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { z } from 'zod'
import { systemClock } from '../../src/support/clock.ts'
import * as flags from '../flags.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { collectEnvironment } from '../measure/environment.ts'
import { spreadOf } from './alternate.ts'
import { chooseClosedLoop } from './closed-loop.ts'
import { comparisonFlags } from './comparison-flags.ts'
import { writeComparison } from './comparison-result.ts'
import { latencyTable, machineLine } from './comparison-tables.ts'
import { latencyAtRate, type RateLatency } from './latency-at-rate.ts'
import { nodePeer, pathOf, writeCachedScript } from './node-peer.ts'
import type { RunningPeer } from './peer.ts'
import { pinnedFlag, pinning } from './pinning.ts'

const halfFlags = z.object({
  ...comparisonFlags,
  connections: flags.count({ most: 10_000 }).default(64).describe('connections of the closed loop'),
  share: flags.number({ above: 0, most: 1 }).default(0.5).describe('part of the capacity that is offered'),
  pinned: pinnedFlag,
})

const command = new Command('bench:half-capacity')
for (const name of Object.keys(halfFlags.shape)) command.option(`--${name} <value>`)
const options = flags.parseFlags(halfFlags, command.parse().opts())
const interrupt = listenForInterrupt({ stream: process.stderr })
const startedAt = new Date(systemClock.nowMs()).toISOString()
const client = chooseClosedLoop()
const pinned = options.pinned === 'yes' ? pinning(1) : undefined
const directory = await mkdtemp(join(tmpdir(), 'erji-half-'))
let peer: RunningPeer | undefined
try {
  const started = await nodePeer('this node', {
    ...options,
    hotLane: 'on',
    startedThrough: pinned?.server ?? [],
  }).start()
  if ('skippedBecause' in started) throw new Error(started.skippedBecause)
  peer = started
  const rounds = await measure(started, await writeCachedScript(directory, options))
  const body = await (await fetch(started.url + pathOf(0, options))).text()
  conclude(rounds, Buffer.byteLength(body))
} finally {
  interrupt.stop()
  await peer?.stop()
  await rm(directory, { recursive: true, force: true })
}

type Round = RateLatency & { readonly capacityPerSecond: number }

async function measure(running: RunningPeer, script: string): Promise<readonly Round[]> {
  const { connections, alternations } = options
  const seconds = Math.round(options.seconds)
  const load = {
    ...{ url: running.url + pathOf(0, options), script, connections, seconds },
    startedThrough: pinned?.client ?? [],
  }
  // What the first requests run is not compiled yet.
  await client.run(load)
  const rounds: Round[] = []
  for (let round = 1; round <= alternations && !interrupt.signal.aborted; round++) {
    const burst = await client.run(load)
    const capacityPerSecond = burst.requests / burst.seconds
    const ratePerSecond = Math.max(1, Math.floor(capacityPerSecond * options.share))
    const offer = {
      ...{ ...options, ratePerSecond, durationSeconds: options.seconds, signal: interrupt.signal },
      cores: pinned && [pinned.clientCore],
    }
    const latency = await latencyAtRate(running, offer)
    rounds.push({ ...latency, name: `round ${round}`, capacityPerSecond })
    const times = `p50 ${latency.p50Ms.toFixed(2)} ms, p99.9 ${latency.p999Ms.toFixed(2)} ms`
    process.stderr.write(`${round}/${alternations} ${ratePerSecond}/s: ${times}\n`)
  }
  return rounds
}

function conclude(rounds: readonly Round[], bodyBytes: number): void {
  const valid = rounds.filter((round) => round.valid)
  const ratio = spreadOf(valid.map(({ p999Ms, p50Ms }) => p999Ms / p50Ms))
  const capacity = spreadOf(rounds.map(({ capacityPerSecond }) => capacityPerSecond))
  const environment = collectEnvironment()
  const facts = { client: client.name, seed: options.seed, bodyBytes }
  const told =
    valid.length === 0
      ? 'No round is valid: the load generator fell behind in each, so nothing is said of the node.'
      : `p99.9 over p50, median of ${valid.length} valid rounds: ${ratio.median.toFixed(1)} (${ratio.least.toFixed(1)}–${ratio.most.toFixed(1)}).`
  const markdown = [
    `# Latency at ${options.share} of own capacity, cached resolves`,
    '',
    machineLine(environment, facts),
    '',
    `Capacity, median of all rounds: ${Math.round(capacity.median)} requests/s.`,
    '',
    latencyTable(rounds),
    `${told} ${pinned?.about ?? 'Nothing was pinned: node and generator share the cores, so that each waits for the other.'}`,
    '',
  ].join('\n')
  const document = {
    ...facts,
    options,
    environment,
    pinned: pinned?.about,
    capacity,
    rounds,
    ratioOfValid: valid.length > 0 ? ratio : undefined,
  }
  writeComparison({ name: 'half-capacity', out: options.out, startedAt, document, markdown })
}
