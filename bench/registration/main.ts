/**
 * How fast a node registers (`npm run bench:registration`): authenticated PUTs one at a time on many connections, and bulk
 * registrations over HTTP, alternating between durabilities and numbers of workers. Prints a table, writes JSON.
 */
import { Command } from 'commander'
import { z } from 'zod'
import { systemClock } from '../../src/support/clock.ts'
import { flagName } from '../../src/support/flag-name.ts'
import * as flags from '../cli/flags.ts'
import { listenForInterrupt } from '../cli/interrupt.ts'
import { collectEnvironment } from '../measure/environment.ts'
import { readableJson, writeResult } from '../report/result-files.ts'
import { type Measurement, measure, measureReference, type Variant } from './measure.ts'

const registrationFlags = z.object({
  alternations: flags.count({ most: 100 }).default(5).describe('times that every variant is measured'),
  connections: flags.count({ most: 10_000 }).default(256).describe('connections of single registrations'),
  warm: flags.seconds({ least: 0 }).default(3).describe('least time before each measurement'),
  warmRecords: flags.count({ most: 10_000_000 }).default(60_000).describe('least registrations before it'),
  duration: flags.seconds({ least: 1 }).default(6).describe('time of each measurement'),
  bulkRecords: flags.count({ most: 100_000 }).default(5000).describe('records in one bulk request'),
  only: flags
    .text('expected part of a variant such as single-sync')
    .default('')
    .describe('part of the variants to measure'),
  directory: flags
    .text('expected the path of a directory')
    .optional()
    .describe('where the data directories are made'),
  out: flags.text('expected the path of a directory').default('results').describe('directory of the result'),
})

const variants: readonly Variant[] = (['single', 'bulk'] as const).flatMap((kind) =>
  (['sync', 'os'] as const).flatMap((durability) => [1, 2].map((workers) => ({ kind, durability, workers }))),
)

const command = new Command('bench:registration')
for (const [name, flag] of Object.entries(registrationFlags.shape)) {
  const dashed = flagName(name)
  command.option(`--${dashed} <value>`, flag.description)
}
const options = flags.parseFlags(registrationFlags, command.parse().opts())
const chosen = variants.filter((variant) => nameOf(variant).includes(options.only))
const startedAt = new Date(systemClock.nowMs()).toISOString()
const measured = new Map<string, Measurement[]>(chosen.map((variant) => [nameOf(variant), []]))
const references: Measurement[] = []
const measureOptions = {
  connections: options.connections,
  warmSeconds: options.warm,
  warmRecords: options.warmRecords,
  seconds: options.duration,
  bulkRecords: options.bulkRecords,
  directory: options.directory,
}
// The first Ctrl-C lets the measurement under way end, the second ends everything; either way no node stays behind.
const interrupt = listenForInterrupt({ stream: process.stderr })
for (let alternation = 0; alternation < options.alternations && !interrupt.signal.aborted; alternation++) {
  const reference = await measureReference(measureOptions)
  references.push(reference)
  process.stderr.write(`${alternation + 1}/${options.alternations} node:http: ${line(reference)}\n`)
  for (const variant of chosen) {
    if (interrupt.signal.aborted) break
    const measurement = await measure(variant, measureOptions)
    measured.get(nameOf(variant))?.push(measurement)
    process.stderr.write(
      `${alternation + 1}/${options.alternations} ${nameOf(variant)}: ${line(measurement)}\n`,
    )
  }
}
interrupt.stop()
await conclude()

function nameOf({ kind, durability, workers }: Variant): string {
  return `${kind}-${durability}-${workers}`
}

function line(of: Measurement): string {
  const perSecond = Math.round(of.recordsPerSecond)
  const perCpu = Math.round(of.recordsPerServerCpuSecond)
  return `${perSecond}/s, ${perCpu} per server CPU second, longest gap ${Math.round(of.longestGapMs)} ms, failed ${of.failed}`
}

async function conclude(): Promise<void> {
  const result = {
    startedAt,
    command: ['bench:registration', ...process.argv.slice(2)],
    options,
    environment: collectEnvironment(),
    reference: references,
    variants: Object.fromEntries(measured),
  }
  const paths = await writeResult({
    ...{ directory: options.out, startedAt, name: 'registration' },
    files: [['.json', () => readableJson(result)]],
  })
  process.stdout.write(
    '| variant | records/s | per server CPU second | of node:http | longest gap |\n|--|--:|--:|--:|--:|\n',
  )
  for (const [name, measurements] of [['node:http', references] as const, ...measured]) {
    const column = (of: (measurement: Measurement) => number): string => spread(measurements.map(of))
    process.stdout.write(
      `| ${name} | ${column(({ recordsPerSecond }) => recordsPerSecond)} ` +
        `| ${column(({ recordsPerServerCpuSecond }) => recordsPerServerCpuSecond)} ` +
        `| ${ratio(measurements)} | ${column(({ longestGapMs }) => longestGapMs)} ms |\n`,
    )
  }
  process.stdout.write(`${paths.join('\n')}\n`)
}

/** Median of the ratios within each alternation: what the machine was busy with besides concerns both alike. */
function ratio(measurements: readonly Measurement[]): string {
  const ratios = measurements.map(
    (measurement, alternation) =>
      measurement.recordsPerServerCpuSecond /
      (references[alternation]?.recordsPerServerCpuSecond ?? Number.NaN),
  )
  return (ratios.sort((left, right) => left - right)[Math.floor(ratios.length / 2)] ?? 0).toFixed(2)
}

/** Median, then least and most. */
function spread(values: readonly number[]): string {
  const sorted = [...values].sort((left, right) => left - right).map((value) => Math.round(value))
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0
  return `${median} (${sorted[0]}–${sorted.at(-1)})`
}
