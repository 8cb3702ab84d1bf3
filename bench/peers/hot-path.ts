/**
 * What an answer costs the server against bare node:http answering bytes of the same size (`npm run bench:hot-path`): the
 * node with and without its hot lane and node:http, each a process, alternating under one client; cached handles, absent
 * ones and resolutions past the cache.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { z } from 'zod'
import { systemClock } from '../../src/support/clock.ts'
import * as flags from '../cli/flags.ts'
import { collectEnvironment } from '../measure/environment.ts'
import { alternate } from './alternate.ts'
import { chooseClosedLoop, expectingRefusal } from './closed-loop.ts'
import { comparisonFlags } from './comparison-flags.ts'
import { writeComparison } from './comparison-result.ts'
import { type Compared, comparedWith, machineLine, sidesTable } from './comparison-tables.ts'
import { fixedPeer } from './fixed-peer.ts'
import { nodePeer, pathOf, writeAbsentScript, writeCachedScript } from './node-peer.ts'
import type { Peer, RunningPeer } from './peer.ts'

const hotPathFlags = z.object({
  ...comparisonFlags,
  connections: flags.count({ most: 10_000 }).default(64).describe('connections of the client'),
})

const base = 'node:http'
const command = new Command('bench:hot-path')
for (const name of Object.keys(hotPathFlags.shape)) command.option(`--${name} <value>`)
const options = flags.parseFlags(hotPathFlags, command.parse().opts())
const startedAt = new Date(systemClock.nowMs()).toISOString()
const client = chooseClosedLoop()
const directory = await mkdtemp(join(tmpdir(), 'erji-hot-path-'))
const running: RunningPeer[] = []
try {
  const on = await start(nodePeer('node, lane on', { ...options, hotLane: 'on' }))
  const off = await start(nodePeer('node, lane off', { ...options, hotLane: 'off' }))
  const path = pathOf(0, options)
  const body = await (await fetch(on.url + path)).text()
  const fixed = await start(fixedPeer(base, { body }))
  const query = '?auth=true'
  await conclude(
    {
      cached: await measure([on, off, fixed], await writeCachedScript(directory, options)),
      absent: await measure([on, fixed], await writeAbsentScript(directory, options), { areAbsent: true }),
      authoritative: await measure([on, fixed], await writeCachedScript(directory, { ...options, query })),
    },
    { bodyBytes: Buffer.byteLength(body) },
  )
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

async function measure(
  peers: readonly RunningPeer[],
  script: string,
  { areAbsent = false } = {},
): Promise<readonly Compared[]> {
  const { connections, alternations } = options
  const seconds = Math.round(options.seconds)
  const sides = await alternate({
    peers,
    alternations,
    burst: async (peer) => {
      const burst = await client.run({ url: peer.url + pathOf(0, options), script, connections, seconds })
      return areAbsent && peer.name !== base ? expectingRefusal(burst) : burst
    },
    progress: (text) => process.stderr.write(`${text}\n`),
  })
  return comparedWith(base, sides)
}

async function conclude(
  measured: Readonly<Record<'cached' | 'absent' | 'authoritative', readonly Compared[]>>,
  facts: { readonly bodyBytes: number },
): Promise<void> {
  const environment = collectEnvironment()
  const shared = { client: client.name, seed: options.seed, ...facts }
  const markdown = [
    '# What an answer costs the server',
    '',
    machineLine(environment, shared),
    '',
    '## Cached',
    '',
    sidesTable(base, measured.cached),
    '## Absent, never asked before',
    '',
    sidesTable(base, measured.absent),
    '## Past the cache (`auth=true`)',
    '',
    sidesTable(base, measured.authoritative),
  ].join('\n')
  const document = { ...shared, options, environment, ...measured }
  await writeComparison({ name: 'hot-path', out: options.out, startedAt, document, markdown })
}
