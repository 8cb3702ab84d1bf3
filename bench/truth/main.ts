/**
 * Compares what the harness says of servers with known delays with the truth, and with what a closed-loop tool says of
 * the same server (`npm run bench:truth`). Prints a table and writes it as JSON.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { z } from 'zod'
import { systemClock } from '../../src/support/clock.ts'
import { probeCeiling } from '../ceiling-phase.ts'
import * as flags from '../flags.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { collectEnvironment } from '../measure/environment.ts'
import type { LatencyHistogram } from '../measure/latency-histogram.ts'
import { handlePath } from '../target/handle-path.ts'
import { createRecordGenerator } from '../workload/record-generator.ts'
import { type DelayModelName, delayModels } from './delays.ts'
import { measureKnown } from './measure-known.ts'

const truthFlags = z.object({
  rate: flags.count({ most: 5000 }).default(500).describe('operations offered a second'),
  duration: flags.seconds({ least: 2 }).default(30).describe('time measured for each kind of delay'),
  out: flags.text('expected the path of a directory').default('results').describe('directory of the result'),
})

const seed = 42
const shares = { p50: 0.5, p90: 0.9, p99: 0.99, 'p99.9': 0.999 } as const
type Percentiles = Readonly<Record<keyof typeof shares, number>>
type Row = {
  readonly model: DelayModelName
  readonly meaning: string
  readonly truthMs: Percentiles
  readonly harnessMs: Percentiles
  readonly valid: boolean
  readonly autocannonMs: { readonly p50: number; readonly p99: number; readonly max: number }
}

const command = new Command('bench:truth')
for (const name of Object.keys(truthFlags.shape)) command.option(`--${name} <value>`)
const options = flags.parseFlags(truthFlags, command.parse().opts())
const interrupt = listenForInterrupt({ stream: process.stderr })
const startedAt = new Date(systemClock.nowMs()).toISOString()
const rows: Row[] = []
// Where nothing is delayed there is no distribution to compare, only the cost of the way: that is what calibration measures.
const modelNames = (Object.keys(delayModels) as DelayModelName[]).filter((name) => name !== 'none')
for (const model of modelNames) {
  if (interrupt.signal.aborted) break
  process.stderr.write(`${model}: ${delayModels[model].meaning} …\n`)
  rows.push(await rowOf(model))
}
interrupt.stop()
conclude()

async function rowOf(model: DelayModelName): Promise<Row> {
  let autocannonMs = { p50: 0, p99: 0, max: 0 }
  const url = createRecordGenerator({ prefix: '88.118', seed })
  const { measured, truth, phase } = await measureKnown({
    model,
    ratePerSecond: options.rate,
    durationSeconds: options.duration,
    seed,
    signal: interrupt.signal,
    also: async (address) => {
      const closed = await probeCeiling({
        url: new URL(handlePath(url.handleOf(0)), address).href,
        connections: 16,
        durationSeconds: Math.round(options.duration),
        nodePid: undefined,
        clock: systemClock,
        signal: interrupt.signal,
      })
      autocannonMs = closed.latencyMs
    },
  })
  const { meaning } = delayModels[model]
  return {
    model,
    meaning,
    truthMs: percentiles(truth),
    harnessMs: percentiles(measured),
    valid: phase.valid,
    autocannonMs,
  }
}

function percentiles(histogram: LatencyHistogram): Percentiles {
  const at = (share: number): number => histogram.percentileNs(share) / 1e6
  return { p50: at(shares.p50), p90: at(shares.p90), p99: at(shares.p99), 'p99.9': at(shares['p99.9']) }
}

function conclude(): void {
  const result = {
    startedAt,
    command: ['bench:truth', ...process.argv.slice(2)],
    seed,
    options,
    environment: collectEnvironment(),
    rows,
  }
  mkdirSync(options.out, { recursive: true })
  const file = join(options.out, `${startedAt.replace(/\.\d+/, '').replaceAll(':', '-')}-truth.json`)
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`)
  process.stdout.write(
    '| delays | percentile | truth | harness | difference | autocannon (closed loop) |\n|--|--|--:|--:|--:|--:|\n',
  )
  for (const row of rows) for (const name of Object.keys(shares)) printLine(row, name as keyof Percentiles)
  process.stdout.write(`${file}\n`)
}

function printLine({ model, truthMs, harnessMs, autocannonMs, valid }: Row, name: keyof Percentiles): void {
  const difference = (harnessMs[name] / truthMs[name] - 1) * 100
  const closed = name === 'p50' || name === 'p99' ? `${autocannonMs[name]} ms` : ''
  process.stdout.write(
    `| ${model}${valid ? '' : ' (invalid)'} | ${name} | ${truthMs[name].toFixed(1)} ms | ${harnessMs[name].toFixed(1)} ms ` +
      `| ${difference.toFixed(1)} % | ${closed} |\n`,
  )
}
