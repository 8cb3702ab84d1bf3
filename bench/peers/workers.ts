/**
 * What several workers answer against one (`npm run bench:workers`): cached resolves, in requests a second where the client
 * leaves enough cores free, and in requests per server CPU second anywhere. A lock on the hit path would show in the latter.
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
import { chooseClosedLoop } from './closed-loop.ts'
import { comparisonFlags } from './comparison-flags.ts'
import { writeComparison } from './comparison-result.ts'
import { comparedWith, machineLine, sidesTable } from './comparison-tables.ts'
import { nodePeer, pathOf, writeCachedScript } from './node-peer.ts'
import type { RunningPeer } from './peer.ts'
import { pinnedFlag, pinning } from './pinning.ts'

const workersFlags = z.object({
  ...comparisonFlags,
  connections: flags.count({ most: 10_000 }).default(64).describe('connections of the client'),
  workers: flags.count({ most: 256 }).default(2).describe('threads of the side with several'),
  pinned: pinnedFlag,
})

const base = '1 worker'
const notPinned =
  'Nothing was pinned: the client shares the cores with the workers here, so only the ratio per CPU second counts.'
const command = new Command('bench:workers')
for (const name of Object.keys(workersFlags.shape)) command.option(`--${name} <value>`)
const options = flags.parseFlags(workersFlags, command.parse().opts())
const startedAt = new Date(systemClock.nowMs()).toISOString()
const client = chooseClosedLoop()
const pinned = options.pinned === 'yes' ? pinning(options.workers) : undefined
const directory = await mkdtemp(join(tmpdir(), 'erji-workers-'))
const running: RunningPeer[] = []
try {
  const script = await writeCachedScript(directory, options)
  await start(base, 1)
  await start(`${options.workers} workers`, options.workers)
  const { connections, alternations } = options
  const seconds = Math.round(options.seconds)
  const sides = await alternate({
    peers: running,
    alternations,
    burst: (peer) =>
      client.run({
        ...{ url: peer.url + pathOf(0, options), script, connections, seconds },
        startedThrough: pinned?.client ?? [],
      }),
    progress: (text) => process.stderr.write(`${text}\n`),
  })
  const compared = comparedWith(base, sides)
  const [one, several] = sides
  const rateRatio = (several?.requestsPerSecond.median ?? 0) / (one?.requestsPerSecond.median ?? 0)
  const environment = collectEnvironment()
  const body = await (await fetch((running[0] as RunningPeer).url + pathOf(0, options))).text()
  const facts = { client: client.name, seed: options.seed, bodyBytes: Buffer.byteLength(body) }
  const markdown = [
    `# ${options.workers} workers against one, cached resolves`,
    '',
    machineLine(environment, facts),
    '',
    sidesTable(base, compared),
    `Requests/s of ${options.workers} workers over one: ${rateRatio.toFixed(2)}. ${pinned?.about ?? notPinned}`,
    '',
  ].join('\n')
  const document = { ...facts, options, environment, pinned: pinned?.about, rateRatio, sides: compared }
  await writeComparison({ name: 'workers', out: options.out, startedAt, document, markdown })
} finally {
  for (const peer of running.reverse()) await peer.stop()
  await rm(directory, { recursive: true, force: true })
}

async function start(name: string, workers: number): Promise<void> {
  const startedThrough = pinned?.server ?? []
  const started = await nodePeer(name, { ...options, hotLane: 'on', workers, startedThrough }).start()
  if ('skippedBecause' in started) throw new Error(started.skippedBecause)
  running.push(started)
}
