/**
 * Latency from the due time at half of the node's own capacity (`npm run bench:half-capacity`): each round finds what a closed
 * loop gets of it, offers half of that by the open loop, and compares p99.9 with p50. The same rate offered to nginx with a fixed body
 * shows what of it is the load generator's own.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { z } from 'zod'
import { systemClock } from '../../src/support/clock.ts'
import { flagName } from '../../src/support/flag-name.ts'
import * as flags from '../cli/flags.ts'
import { listenForInterrupt } from '../cli/interrupt.ts'
import { collectEnvironment } from '../measure/environment.ts'
import { spreadOf } from './alternate.ts'
import { chooseClosedLoop } from './closed-loop.ts'
import { comparisonFlags } from './comparison-flags.ts'
import { writeComparison } from './comparison-result.ts'
import { latencyTable, machineLine } from './comparison-tables.ts'
import { latencyAtRate, type RateLatency } from './latency-at-rate.ts'
import { nginxPeer } from './native-peers.ts'
import { nodePeer, pathOf, writeCachedScript } from './node-peer.ts'
import type { Peer, RunningPeer } from './peer.ts'
import { pinnedFlag, pinning } from './pinning.ts'

const halfFlags = z.object({
  ...comparisonFlags,
  connections: flags.count({ most: 10_000 }).default(64).describe('connections of the closed loop'),
  share: flags.number({ above: 0, most: 1 }).default(0.5).describe('part of the capacity that is offered'),
  hotLane: flags
    .oneOf(['on', 'off'])
    .default('on')
    .describe('whether cached handles are answered ahead of fastify'),
  pinned: pinnedFlag,
})

const command = new Command('bench:half-capacity')
for (const name of Object.keys(halfFlags.shape)) command.option(`--${flagName(name)} <value>`)
const options = flags.parseFlags(halfFlags, command.parse().opts())
const interrupt = listenForInterrupt({ stream: process.stderr })
const startedAt = new Date(systemClock.nowMs()).toISOString()
const client = chooseClosedLoop()
const pinned = options.pinned === 'yes' ? pinning(1) : undefined
const directory = await mkdtemp(join(tmpdir(), 'erji-half-'))
const running: RunningPeer[] = []
try {
  const startedThrough = pinned?.server ?? []
  const node = await start(nodePeer('this node', { ...options, startedThrough }))
  if (node === undefined) throw new Error('the node does not start')
  const body = await (await fetch(node.url + pathOf(0, options))).text()
  const floor = await start(nginxPeer({ body, startedThrough }))
  const rounds = await measure(node, floor, await writeCachedScript(directory, options))
  await conclude(rounds, Buffer.byteLength(body))
} finally {
  interrupt.stop()
  for (const peer of running.reverse()) await peer.stop()
  await rm(directory, { recursive: true, force: true })
}

type Round = {
  readonly capacityPerSecond: number
  readonly node: RateLatency
  /** At the same rate; absent where this machine has no nginx. */
  readonly floor: RateLatency | undefined
}

async function start(peer: Peer): Promise<RunningPeer | undefined> {
  const started = await peer.start()
  if ('skippedBecause' in started) {
    process.stderr.write(`LEFT OUT ${peer.name}: ${started.skippedBecause}\n`)
    return undefined
  }
  running.push(started)
  return started
}

async function measure(
  peer: RunningPeer,
  floorPeer: RunningPeer | undefined,
  script: string,
): Promise<readonly Round[]> {
  const { connections, alternations } = options
  const seconds = Math.round(options.seconds)
  const load = {
    ...{ url: peer.url + pathOf(0, options), script, connections, seconds },
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
    const node = named(`round ${round}`, await latencyAtRate(peer, offer))
    const floor = floorPeer && named(`round ${round}, nginx`, await latencyAtRate(floorPeer, offer))
    rounds.push({ capacityPerSecond, node, floor })
    for (const { name, p50Ms, p999Ms } of [node, ...(floor === undefined ? [] : [floor])]) {
      const times = `p50 ${p50Ms.toFixed(2)} ms, p99.9 ${p999Ms.toFixed(2)} ms`
      process.stderr.write(`${name} of ${alternations}, ${ratePerSecond}/s: ${times}\n`)
    }
  }
  return rounds
}

function named(name: string, latency: RateLatency): RateLatency {
  return { ...latency, name }
}

/** What p99.9 is of p50 in the rounds that are valid, in words. */
function ratioOf(name: string, latencies: readonly RateLatency[]) {
  const valid = latencies.filter((latency) => latency.valid)
  if (valid.length === 0)
    return {
      told: `${name}: no round is valid, the load generator fell behind in each; nothing is said of it.`,
    }
  const ratio = spreadOf(valid.map(({ p999Ms, p50Ms }) => p999Ms / p50Ms))
  const range = `${ratio.least.toFixed(1)}–${ratio.most.toFixed(1)}`
  return {
    ratio,
    told: `${name}: p99.9 over p50, median of ${valid.length} valid rounds: ${ratio.median.toFixed(1)} (${range}).`,
  }
}

async function conclude(rounds: readonly Round[], bodyBytes: number): Promise<void> {
  const nodes = rounds.map(({ node }) => node)
  const floors = rounds.flatMap(({ floor }) => (floor === undefined ? [] : [floor]))
  const ofNode = ratioOf('This node', nodes)
  const ofFloor = ratioOf('nginx at the same rates, so mostly the load generator itself', floors)
  const capacity = spreadOf(rounds.map(({ capacityPerSecond }) => capacityPerSecond))
  const environment = collectEnvironment()
  const facts = { client: client.name, seed: options.seed, bodyBytes }
  const markdown = [
    `# Latency at ${options.share} of own capacity, cached resolves, hot lane ${options.hotLane}`,
    '',
    machineLine(environment, facts),
    '',
    `Capacity, median of all rounds: ${Math.round(capacity.median)} requests/s.`,
    '',
    latencyTable(rounds.flatMap(({ node, floor }) => (floor === undefined ? [node] : [node, floor]))),
    ofNode.told,
    floors.length > 0 ? ofFloor.told : 'No nginx here: what of it is the load generator is not known.',
    pinned?.about ??
      'Nothing was pinned: node and generator share the cores, so that each waits for the other.',
    '',
  ].join('\n')
  const document = {
    ...facts,
    options,
    environment,
    pinned: pinned?.about,
    capacity,
    rounds,
    ratioOfValid: ofNode.ratio,
    floorRatioOfValid: ofFloor.ratio,
  }
  await writeComparison({ name: 'half-capacity', out: options.out, startedAt, document, markdown })
}
