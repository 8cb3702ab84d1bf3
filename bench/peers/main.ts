/**
 * The node beside other servers under one client (`npm run bench:peers`): nginx, bare node:http and fastify with a fixed
 * body, redis GET as a floor without HTTP, and any running Handle server (`--peer URL`). What this machine lacks is left
 * out, and said.
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
import { alternate } from './alternate.ts'
import { chooseClosedLoop, expectingRefusal } from './closed-loop.ts'
import { writeComparison } from './comparison-result.ts'
import { comparedWith, latencyTable, machineLine, sidesTable } from './comparison-tables.ts'
import { fixedPeer } from './fixed-peer.ts'
import { handleServerPeer } from './handle-server-peer.ts'
import { latencyAtRate, type RateLatency } from './latency-at-rate.ts'
import { nginxPeer, redisPeer } from './native-peers.ts'
import { nodePeer, pathOf, peerPrefix, writeAbsentScript, writeCachedScript } from './node-peer.ts'
import type { Peer, RunningPeer } from './peer.ts'

const peerFlags = z.object({
  alternations: flags.count({ most: 1000 }).default(5).describe('rounds that count'),
  seconds: flags.seconds({ least: 1 }).default(2).describe('length of one burst'),
  connections: flags.count({ most: 10_000 }).default(64).describe('connections of the client'),
  handles: flags.count({ most: 1e6 }).default(10_000).describe('handles that are asked for in turn'),
  seed: flags
    .count({ most: 2 ** 31 })
    .default(42)
    .describe('seed of the records'),
  peer: flags.url().optional().describe('a running Handle server'),
  peerUser: flags.identity().default(`300:${peerPrefix}/ADMIN`).describe('who may register there'),
  peerSecretFile: flags.text('expected a file').optional().describe('its secret'),
  out: flags.text('expected the path of a directory').default('results').describe('directory of the result'),
})

const base = 'node:http'
const command = new Command('bench:peers')
for (const name of Object.keys(peerFlags.shape)) command.option(`--${flagName(name)} <value>`)
const options = flags.parseFlags(peerFlags, command.parse().opts())
const interrupt = listenForInterrupt({ stream: process.stderr })
const startedAt = new Date(systemClock.nowMs()).toISOString()
const client = chooseClosedLoop()
const progress = (text: string): void => void process.stderr.write(`${text}\n`)
const directory = await mkdtemp(join(tmpdir(), 'erji-peers-'))
const running: RunningPeer[] = []
const skipped: string[] = []
try {
  await compare()
} finally {
  interrupt.stop()
  for (const peer of running.reverse()) await peer.stop()
  await rm(directory, { recursive: true, force: true })
}

async function compare(): Promise<void> {
  const path = pathOf(0, options)
  const node = await start(nodePeer('this node', { ...options, hotLane: 'on' }))
  if (node === undefined) throw new Error('the node does not start')
  const body = await (await fetch(node.url + path)).text()
  const { peer: url, peerUser: user, peerSecretFile: secretFile } = options
  const others = [
    fixedPeer(base, { body }),
    fixedPeer('fastify', { body }),
    nginxPeer({ body }),
    redisPeer({ body }),
  ]
  if (url !== undefined) others.push(handleServerPeer({ ...options, url, user, secretFile }))
  for (const other of others) await start(other)
  const http = running.filter(({ burst }) => burst === undefined)

  progress('cached resolve against fixed bodies')
  const cached = await measure(running, { script: await writeCachedScript(directory, options), path })
  progress('absent handles that nobody asked for before')
  const ours = http.filter(({ name }) => name === base || name === 'this node' || name === url)
  const absent = await measure(ours, {
    script: await writeAbsentScript(directory, options),
    path,
    areAbsent: true,
  })
  const slowest = Math.min(
    ...cached
      .filter(({ name }) => http.some((peer) => peer.name === name))
      .map((side) => side.requestsPerSecond.median),
  )
  const latencies: RateLatency[] = []
  for (const peer of http) {
    if (interrupt.signal.aborted) break
    progress(`latency of ${peer.name} at half of the slowest side's capacity`)
    const ratePerSecond = Math.max(1, Math.floor(slowest / 2))
    latencies.push(
      await latencyAtRate(peer, { ...options, ratePerSecond, durationSeconds: 5, signal: interrupt.signal }),
    )
  }
  await conclude({ cached, absent, latencies, bodyBytes: Buffer.byteLength(body) })
}

async function start(peer: Peer): Promise<RunningPeer | undefined> {
  const started = await peer.start()
  if ('skippedBecause' in started) {
    skipped.push(`${peer.name}: ${started.skippedBecause}`)
    progress(`LEFT OUT ${peer.name}: ${started.skippedBecause}`)
    return undefined
  }
  running.push(started)
  return started
}

async function measure(
  peers: readonly RunningPeer[],
  asked: { readonly script: string; readonly path: string; readonly areAbsent?: boolean },
) {
  const { connections, alternations } = options
  const seconds = Math.round(options.seconds)
  const sides = await alternate({
    peers,
    alternations,
    burst: async (peer) => {
      if (peer.burst !== undefined) return peer.burst({ connections, seconds })
      const burst = await client.run({
        url: peer.url + asked.path,
        script: asked.script,
        connections,
        seconds,
      })
      return asked.areAbsent === true && peer.name !== base ? expectingRefusal(burst) : burst
    },
    progress,
  })
  return comparedWith(base, sides)
}

async function conclude(measured: {
  readonly cached: ReturnType<typeof comparedWith>
  readonly absent: ReturnType<typeof comparedWith>
  readonly latencies: readonly RateLatency[]
  readonly bodyBytes: number
}): Promise<void> {
  const environment = collectEnvironment()
  const { cached, absent, latencies, bodyBytes } = measured
  const facts = { client: client.name, seed: options.seed, bodyBytes }
  const markdown = [
    '# The node beside other servers',
    '',
    machineLine(environment, facts),
    '',
    '## Cached resolve',
    '',
    sidesTable(base, cached),
    '## Absent handles, never asked before',
    '',
    sidesTable(base, absent),
    "## Latency from the due time at half of the slowest side's capacity",
    '',
    latencyTable(latencies),
    ...skipped.map((line) => `Left out: ${line}`),
    '',
  ].join('\n')
  const document = { ...facts, options, skipped, environment, cached, absent, latencies }
  await writeComparison({ name: 'peers', out: options.out, startedAt, document, markdown })
}
