/**
 * What a cached resolve costs the server against bare node:http answering bytes of the same size (`npm run
 * bench:hot-path`): the node with and without its hot lane and node:http, each a process, alternating under one client.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { z } from 'zod'
import { systemClock } from '../../src/support/clock.ts'
import * as flags from '../flags.ts'
import { collectEnvironment } from '../measure/environment.ts'
import { alternate, type Measured } from './alternate.ts'
import { chooseClosedLoop } from './closed-loop.ts'
import { comparisonFlags } from './comparison-flags.ts'
import { comparedWith, machineLine, sidesTable } from './comparison-tables.ts'
import { fixedPeer } from './fixed-peer.ts'
import { nodePeer, pathOf, writeCachedScript } from './node-peer.ts'
import type { Peer, RunningPeer } from './peer.ts'

const hotPathFlags = z.object({
  ...comparisonFlags,
  connections: flags.count({ most: 10_000 }).default(64).describe('connections of the client'),
})

const command = new Command('bench:hot-path')
for (const name of Object.keys(hotPathFlags.shape)) command.option(`--${name} <value>`)
const options = flags.parseFlags(hotPathFlags, command.parse().opts())
const startedAt = new Date(systemClock.nowMs()).toISOString()
const client = chooseClosedLoop()
const directory = await mkdtemp(join(tmpdir(), 'erji-hot-path-'))
const running: RunningPeer[] = []
try {
  const script = await writeCachedScript(directory, options)
  const on = await start(nodePeer('node, lane on', { ...options, hotLane: 'on' }))
  await start(nodePeer('node, lane off', { ...options, hotLane: 'off' }))
  const path = pathOf(0, options)
  const body = await (await fetch(on.url + path)).text()
  await start(fixedPeer('node:http', { body }))
  const { connections, seconds } = options
  const sides = await alternate({
    peers: running,
    alternations: options.alternations,
    burst: (peer) => client.run({ url: peer.url + path, script, connections, seconds: Math.round(seconds) }),
    progress: (text) => process.stderr.write(`${text}\n`),
  })
  conclude(sides, { bodyBytes: Buffer.byteLength(body) })
} finally {
  for (const peer of running.reverse()) await peer.stop()
  await rm(directory, { recursive: true, force: true })
}

async function start(peer: Peer): Promise<RunningPeer> {
  const started = await peer.start()
  if ('skippedBecause' in started) throw new Error(started.skippedBecause)
  running.push(started)
  return started
}

function conclude(measured: readonly Measured[], facts: { readonly bodyBytes: number }): void {
  const sides = comparedWith('node:http', measured)
  const environment = collectEnvironment()
  const run = { startedAt, command: ['bench:hot-path', ...process.argv.slice(2)], client: client.name }
  mkdirSync(options.out, { recursive: true })
  const file = join(options.out, `${startedAt.replace(/\.\d+/, '').replaceAll(':', '-')}-hot-path.json`)
  const document = { ...run, seed: options.seed, options, environment, ...facts, sides }
  writeFileSync(file, `${JSON.stringify(document, undefined, 2)}\n`)
  const machine = machineLine(environment, { client: client.name, seed: options.seed, ...facts })
  process.stdout.write(`${sidesTable('node:http', sides)}\n${machine}\n${file}\n`)
}
