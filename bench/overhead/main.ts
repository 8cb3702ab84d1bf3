/**
 * What the generator itself costs (`npm run bench:overhead`): the highest open-loop rate that one process on one core
 * sustains against nginx on another one, every answer verified, and its lateness at half of the rate asked for.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { z } from 'zod'
import { flagName } from '../../src/support/flag-name.ts'
import * as flags from '../cli/flags.ts'
import { listenForInterrupt } from '../cli/interrupt.ts'
import { processUsage } from '../measure/process-usage.ts'
import { hasProgram } from '../peers/spawned.ts'
import { openSession, type Session } from '../run/session.ts'
import { createRecordGenerator } from '../workload/record-generator.ts'
import { measureOverhead } from './measure-overhead.ts'
import { startNginxOfRecords } from './nginx-of-records.ts'
import { writeOverhead } from './overhead-result.ts'

const overheadFlags = z.object({
  rate: flags.count({ most: 10_000_000 }).default(45_000).describe('rate that one core shall sustain'),
  duration: flags.seconds({ least: 1 }).default(6).describe('time measured at each rate'),
  warmUp: flags.seconds({ least: 0 }).default(3).describe('time driven before measuring at each rate'),
  connections: flags.count({ most: 10_000 }).default(64).describe('connections'),
  identifiers: flags.count({ most: 10_000 }).default(1000).describe('records asked for'),
  repetitions: flags
    .count({ most: 100 })
    .default(3)
    .describe('times each rate is tried until it is sustained'),
  out: flags
    .text('expected the path of a directory')
    .default('docs/results')
    .describe('where the result is written'),
})

const command = new Command('bench:overhead')
for (const [name, schema] of Object.entries(overheadFlags.shape)) {
  const flag = flagName(name)
  command.option(`--${flag} <value>`, `${schema.description} (default: ${String(schema.parse(undefined))})`)
}
try {
  const options = flags.parseFlags(overheadFlags, command.parse().opts())
  process.exitCode = (await run(options)) ? 0 : 1
} catch (error) {
  if (!(error instanceof flags.UsageError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 2
}

async function run(options: z.infer<typeof overheadFlags>): Promise<boolean> {
  if (!hasProgram('nginx') || !hasProgram('taskset')) {
    throw new flags.UsageError([
      'nginx or taskset is missing; expected both: npm run install:test-tools brings them',
    ])
  }
  const records = { seed: 42, prefix: '88.118' }
  const directory = await mkdtemp(join(tmpdir(), 'erji-overhead-'))
  const nginx = await startNginxOfRecords({
    directory,
    identifiers: options.identifiers,
    generator: createRecordGenerator(records),
    prefixCommand: ['taskset', '-c', '0'],
  })
  const stream = process.stderr
  const { signal, stop } = listenForInterrupt({ stream })
  const { url } = nginx
  const session: Session = await openSession({
    url,
    credentials: undefined,
    records,
    seed: 42,
    signal,
    stream,
  })
  try {
    const serverCpuSeconds = (): number => processUsage(nginx.pid)?.cpuSeconds ?? 0
    const points = await measureOverhead(session, { ...options, core: 1, serverCpuSeconds })
    return await writeOverhead(points, options)
  } finally {
    stop()
    await session.target.close()
    await nginx.stop()
    await rm(directory, { recursive: true, force: true })
  }
}
