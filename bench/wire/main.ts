/**
 * What a cached resolve costs the server over the native protocol against its own HTTP hot path (`npm run bench:wire`): one
 * node with one worker, asked over HTTP, TCP and UDP by turns, then TCP and UDP at half of what they can carry.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { z } from 'zod'
import { assert } from '../../src/support/assert.ts'
import { systemClock } from '../../src/support/clock.ts'
import { flagName } from '../../src/support/flag-name.ts'
import * as flags from '../cli/flags.ts'
import { collectEnvironment } from '../measure/environment.ts'
import { LatencyHistogram } from '../measure/latency-histogram.ts'
import { alternate } from '../peers/alternate.ts'
import { type Burst, chooseClosedLoop } from '../peers/closed-loop.ts'
import { comparisonFlags } from '../peers/comparison-flags.ts'
import { comparedWith } from '../peers/comparison-tables.ts'
import { nodePeer, pathOf, peerPrefix, writeCachedScript } from '../peers/node-peer.ts'
import type { RunningPeer } from '../peers/peer.ts'
import { freePort } from '../peers/spawned.ts'
import { readableJson, writeResult } from '../report/result-files.ts'
import { createRecordGenerator } from '../workload/record-generator.ts'
import { type ClosedBurstOptions, closedBurst } from './closed-burst.ts'
import { type PacedBurstOptions, pacedBurst } from './paced-burst.ts'
import { learnQuestions, meanAnswerBytes } from './questions.ts'
import { openTcpChannel, openUdpChannel } from './raw-channels.ts'
import { type HalfLoad, type WireResult, wireJson, wireMarkdown } from './wire-result.ts'

const wireFlags = z.object({
  ...comparisonFlags,
  connections: flags
    .count({ most: 1000 })
    .default(16)
    .describe('connections with several requests under way'),
  depth: flags.count({ most: 256 }).default(16).describe('requests under way on each of them'),
  halfSeconds: flags.seconds({ least: 1 }).default(5).describe('length of the run at half of the capacity'),
})

const httpConnections = 64
const udpSockets = 16

const command = new Command('bench:wire')
for (const name of Object.keys(wireFlags.shape)) {
  command.option(`--${flagName(name)} <value>`)
}
const options = flags.parseFlags(wireFlags, command.parse().opts())
const startedAt = new Date(systemClock.nowMs()).toISOString()
const client = chooseClosedLoop()
const directory = await mkdtemp(join(tmpdir(), 'erji-wire-'))
const wirePort = await freePort()
const node = await startedNode()
try {
  await measureAll()
} finally {
  await node.stop()
  await rm(directory, { recursive: true, force: true })
}

async function startedNode(): Promise<RunningPeer> {
  const started = await nodePeer('node', { ...options, hotLane: 'on', wirePort }).start()
  if ('skippedBecause' in started) throw new Error(started.skippedBecause)
  return started
}

async function measureAll(): Promise<void> {
  const generator = createRecordGenerator({ prefix: peerPrefix, seed: options.seed })
  const { handles } = options
  const questions = await learnQuestions({ port: wirePort, handles, generator, clock: systemClock })
  const sides = [
    await httpSide(),
    wireSide('TCP', { questions, open: openTcpChannel, channels: options.connections, depth: options.depth }),
    wireSide('TCP, one in flight', { questions, open: openTcpChannel, channels: httpConnections, depth: 1 }),
    wireSide('UDP', {
      questions,
      open: openUdpChannel,
      channels: udpSockets,
      depth: httpConnections / udpSockets,
    }),
  ]
  const { alternations } = options
  const measured = await alternate({
    peers: sides.map(({ peer }) => peer),
    alternations,
    burst: (peer) => burstOf(peer),
    progress: (text) => process.stderr.write(`${text}\n`),
  })
  const compared = comparedWith('HTTP', measured)
  // What it carried beside this client on this machine: a server CPU second carries more, where it has a core to itself.
  const capacityOf = (name: string): number =>
    measured.find((side) => side.name === name)?.requestsPerSecond.median ?? 0
  const halves: HalfLoad[] = []
  for (const name of ['TCP', 'UDP'] as const) {
    const side = sides.find(({ peer }) => peer.name === name) as Side
    const paced = { ...side.wire, port: wirePort, ratePerSecond: Math.round(capacityOf(name) / 2) }
    halves.push({
      name,
      ...(await pacedBurst({ ...paced, seconds: options.halfSeconds } as PacedBurstOptions)),
    })
  }
  await conclude({
    sides: compared.map((side) => ({ ...side, latency: latencyOf(sides, side.name, alternations) })),
    halves,
    answerBytes: meanAnswerBytes(questions),
  })
}

type Wire = Pick<ClosedBurstOptions, 'questions' | 'open' | 'channels' | 'depth'>
type Side = { readonly peer: RunningPeer; readonly wire?: Wire; readonly latencies: LatencyHistogram[] }

async function httpSide(): Promise<Side> {
  const script = await writeCachedScript(directory, options)
  const url = node.url + pathOf(0, options)
  const asked = { url, script, connections: httpConnections, seconds: Math.round(options.seconds) }
  const about = `${client.name}, ${httpConnections} connections, one in flight on each`
  return { peer: { ...node, name: 'HTTP', about, burst: () => client.run(asked) }, latencies: [] }
}

function wireSide(name: string, wire: Wire): Side {
  const latencies: LatencyHistogram[] = []
  const about = `${wire.channels} ${name === 'UDP' ? 'sockets' : 'connections'}, ${wire.depth} in flight on each`
  const burst = async (): Promise<Burst> => {
    const timed = await closedBurst({ ...wire, port: wirePort, seconds: options.seconds })
    latencies.push(timed.latency)
    return timed
  }
  return { peer: { ...node, name, about, burst }, wire, latencies }
}

function burstOf({ burst }: RunningPeer): Promise<Burst> {
  assert(burst !== undefined, 'each side brings its own client')
  return burst({ connections: options.connections, seconds: options.seconds })
}

/** Of the rounds that count, which are the last. */
function latencyOf(sides: readonly Side[], name: string, rounds: number): LatencyHistogram {
  const merged = new LatencyHistogram()
  const counted = sides.find(({ peer }) => peer.name === name)?.latencies.slice(-rounds) ?? []
  for (const latency of counted) merged.merge(latency)
  return merged
}

async function conclude(
  result: Omit<WireResult, 'startedAt' | 'command' | 'options' | 'environment' | 'client'>,
): Promise<void> {
  const document = {
    startedAt,
    command: ['bench:wire', ...process.argv.slice(2)],
    client: client.name,
    options,
    environment: collectEnvironment(),
    ...result,
  }
  const text = wireMarkdown(document)
  const paths = await writeResult({
    ...{ directory: options.out, startedAt, name: 'wire' },
    files: [
      ['.json', () => readableJson(wireJson(document))],
      ['.md', () => text],
    ],
  })
  process.stdout.write(`${text}\n${paths.join('\n')}\n`)
}
