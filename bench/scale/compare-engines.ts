/**
 * LevelDB and RocksDB behind the same `Store` contract (`npm run bench:engines -- --sizes 1e6,1e8`): loading in key order, bytes
 * a record, memory, random reads and random-order commits, each engine and size in a process of its own.
 */
import { fork } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { z } from 'zod'
import { systemClock } from '../../src/support/clock.ts'
import * as flags from '../cli/flags.ts'
import { collectEnvironment } from '../measure/environment.ts'
import { exitCodes } from '../report/verdict.ts'
import { comparedEngines, type EngineTrial, type TrialOptions, tryEngine } from './engine-trial.ts'
import { hasRocks } from './rocks-store.ts'
import { scaleFlags } from './scale-options.ts'
import { shortageFor } from './size-run.ts'

const { sizes, data, prefix, seed } = scaleFlags.shape
const engineFlags = z.object({
  ...{ sizes, data, prefix, seed },
  reads: flags.count({ most: 1e8 }).default(200_000).describe('random reads that are timed, of either kind'),
  commits: flags.count({ most: 1e9 }).default(500_000).describe('registrations in random order'),
  out: flags.text('expected the path of a directory').default('results').describe('directory of the result'),
})

const columns: readonly (readonly [string, (trial: EngineTrial) => string])[] = [
  ['identifiers', ({ identifiers }) => identifiers.toLocaleString('en')],
  ['engine', ({ engine }) => engine],
  ['load /s', ({ loadPerSecond }) => Math.round(loadPerSecond).toLocaleString('en')],
  ['load µs of CPU', ({ loadCpuMicroseconds }) => loadCpuMicroseconds.toFixed(2)],
  ['bytes a record', ({ storeBytesPerRecord }) => storeBytesPerRecord.toFixed(1)],
  ['own MiB, loaded', ({ ownBytesLoaded }) => mebibytes(ownBytesLoaded)],
  ['own MiB, read', ({ ownBytesRead }) => mebibytes(ownBytesRead)],
  ['open s', ({ openSeconds }) => openSeconds.toFixed(2)],
  ['get p50 / p99 µs', ({ present }) => `${microseconds(present.p50Ns)} / ${microseconds(present.p99Ns)}`],
  ['get CPU µs', ({ present }) => microseconds(present.cpuNs)],
  ['absent p50 / p99 µs', ({ absent }) => `${microseconds(absent.p50Ns)} / ${microseconds(absent.p99Ns)}`],
  ['random commits /s', ({ commitPerSecond }) => Math.round(commitPerSecond).toLocaleString('en')],
  ['commit CPU µs', ({ commitCpuMicroseconds }) => commitCpuMicroseconds.toFixed(1)],
  ['wrong', ({ present, absent }) => String(present.wrong + absent.wrong)],
]
const heading = `| ${columns.map(([name]) => name).join(' | ')} |\n|${columns.map(() => '--').join('|')}|`

if (process.send !== undefined) {
  process.once('message', async (options: TrialOptions) => {
    process.send?.(await tryEngine(options))
    process.disconnect()
  })
} else {
  try {
    await compare()
  } catch (error) {
    if (!(error instanceof flags.UsageError)) throw error
    process.stderr.write(`bench:engines: ${error.message}\n`)
    process.exitCode = exitCodes.usage
  }
}

async function compare(): Promise<void> {
  const command = new Command('bench:engines').description('LevelDB and RocksDB behind one contract.')
  for (const name of Object.keys(engineFlags.shape)) command.option(`--${name} <value>`)
  const options = flags.parseFlags(engineFlags, command.parse().opts())
  if (!hasRocks()) process.stderr.write('RocksDB is not installed: node scripts/install-rocksdb.ts\n')
  const engines = comparedEngines.filter((engine) => engine !== 'rocksdb' || hasRocks())
  const trials: EngineTrial[] = []
  process.stdout.write(`${heading}\n`)
  for (const identifiers of options.sizes) {
    const shortage = shortageFor(identifiers, options.data)
    if (shortage !== undefined) {
      process.stderr.write(`left out: ${shortage}\n`)
      continue
    }
    for (const engine of engines) {
      const trial = await inOwnProcess({ ...options, engine, identifiers, root: options.data })
      trials.push(trial)
      process.stdout.write(`${rowOf(trial)}\n`)
    }
  }
  const environment = collectEnvironment()
  const startedAt = new Date(systemClock.nowMs()).toISOString()
  const { cpuModel, logicalCores, kernel, runtime, commit = 'no commit' } = environment
  const machine = `${cpuModel}, ${logicalCores} cores, ${kernel}, ${runtime}, ${commit}, ${startedAt}, seed ${options.seed}.`
  mkdirSync(options.out, { recursive: true })
  const document = { startedAt, environment, options, trials }
  writeFileSync(join(options.out, 'engines.json'), `${JSON.stringify(document, undefined, 2)}\n`)
  const page = ['# LevelDB and RocksDB', '', machine, '', heading, ...trials.map(rowOf), '']
  writeFileSync(join(options.out, 'engines.md'), page.join('\n'))
  if (trials.some(({ present, absent }) => present.wrong + absent.wrong > 0))
    process.exitCode = exitCodes.failed
}

function inOwnProcess(options: TrialOptions): Promise<EngineTrial> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    child.once('message', (trial: EngineTrial) => resolve(trial))
    child.once('exit', (code) => reject(new Error(`a trial ended with code ${code} and without a result`)))
    child.send(options)
  })
}

function rowOf(trial: EngineTrial): string {
  return `| ${columns.map(([, show]) => show(trial)).join(' | ')} |`
}

function mebibytes(bytes: number): string {
  return Math.round(bytes / 2 ** 20).toLocaleString('en')
}

function microseconds(ns: number): string {
  return (ns / 1000).toFixed(1)
}
