import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { z } from 'zod'
import { systemClock } from '../../src/support/clock.ts'
import * as flags from '../cli/flags.ts'
import { listenForInterrupt } from '../cli/interrupt.ts'
import { collectEnvironment } from '../measure/environment.ts'
import type { LatencyHistogram } from '../measure/latency-histogram.ts'
import { hasProgram } from '../peers/spawned.ts'
import type { Environment } from '../report/report.ts'
import { readableJson, writeResult } from '../report/result-files.ts'
import { handlePath } from '../target/handle-path.ts'
import { createRecordGenerator } from '../workload/record-generator.ts'
import { type DelayModelName, delayModels } from './delays.ts'
import { measureKnown } from './measure-known.ts'
import { type OtherTool, type OtherToolName, otherTools, type Told } from './other-tools.ts'

const truthFlags = z.object({
  rate: flags.count({ most: 5000 }).default(500).describe('operations offered a second'),
  duration: flags.seconds({ least: 2 }).default(30).describe('time measured for each kind of delay'),
  out: flags.text('expected the path of a directory').default('results').describe('directory of the result'),
})

const seed = 42
/** None where a distribution steps (0.75 and 0.9): there one request in a thousand more or less moves a percentile by all of the step. */
const shares = { p50: 0.5, p95: 0.95, p99: 0.99, 'p99.9': 0.999 } as const
type Percentiles = Readonly<Record<keyof typeof shares, number>>
type Row = {
  readonly model: DelayModelName
  readonly meaning: string
  readonly truthMs: Percentiles
  readonly harnessMs: Percentiles
  readonly valid: boolean
  /** What other tools say, by their names. */
  readonly others: Readonly<Partial<Record<OtherToolName, Told>>>
}

const command = new Command('bench:truth')
for (const name of Object.keys(truthFlags.shape)) command.option(`--${name} <value>`)
const options = flags.parseFlags(truthFlags, command.parse().opts())
const interrupt = listenForInterrupt({ stream: process.stderr })
const startedAt = new Date(systemClock.nowMs()).toISOString()
const rows: Row[] = []
/** What the way to a server that answers at once takes, as the harness sees it. */
let wayMs: Percentiles | undefined
// Where scripts/install-vegeta.ts puts it.
process.env.PATH = `${fileURLToPath(new URL('../../.venv-vegeta/bin', import.meta.url))}${delimiter}${process.env.PATH}`
const allTools = Object.keys(otherTools) as OtherToolName[]
const toolNames = allTools.filter((name) => {
  const { program }: OtherTool = otherTools[name]
  return program === undefined || hasProgram(program)
})
// Where nothing is delayed there is no distribution to compare, only the cost of the way.
const modelNames = (Object.keys(delayModels) as DelayModelName[]).filter((name) => name !== 'none')
if (!interrupt.signal.aborted) wayMs = await measureWay()
for (const model of modelNames) {
  if (interrupt.signal.aborted) break
  process.stderr.write(`${model}: ${delayModels[model].meaning} …\n`)
  rows.push(await rowOf(model))
}
interrupt.stop()
await conclude()

async function measureWay(): Promise<Percentiles> {
  const { measured, truth } = await measureKnown({
    model: 'none',
    ratePerSecond: options.rate,
    durationSeconds: options.duration,
    seed,
    signal: interrupt.signal,
  })
  const [seen, known] = [percentiles(measured), percentiles(truth)]
  const beyond = (name: keyof Percentiles): number => seen[name] - known[name]
  return { p50: beyond('p50'), p95: beyond('p95'), p99: beyond('p99'), 'p99.9': beyond('p99.9') }
}

async function rowOf(model: DelayModelName): Promise<Row> {
  const others: Partial<Record<OtherToolName, Told>> = {}
  const url = createRecordGenerator({ prefix: '88.118', seed })
  const { measured, truth, phase } = await measureKnown({
    model,
    ratePerSecond: options.rate,
    durationSeconds: options.duration,
    seed,
    signal: interrupt.signal,
    also: async (address) => {
      for (const name of toolNames) {
        if (interrupt.signal.aborted) return
        process.stderr.write(`${model}: ${name} …\n`)
        others[name] = await otherTools[name].measure({
          url: new URL(handlePath(url.handleOf(0)), address).href,
          ratePerSecond: options.rate,
          durationSeconds: options.duration,
          signal: interrupt.signal,
        })
      }
    },
  })
  const { meaning } = delayModels[model]
  return {
    model,
    meaning,
    truthMs: percentiles(truth),
    harnessMs: percentiles(measured),
    valid: phase.valid,
    others,
  }
}

function percentiles(histogram: LatencyHistogram): Percentiles {
  const at = (share: number): number => histogram.percentileNs(share) / 1e6
  return { p50: at(shares.p50), p95: at(shares.p95), p99: at(shares.p99), 'p99.9': at(shares['p99.9']) }
}

async function conclude(): Promise<void> {
  const result = {
    startedAt,
    command: ['bench:truth', ...process.argv.slice(2)],
    seed,
    options,
    environment: collectEnvironment(),
    wayMs,
    rows,
  }
  const markdown = markdownOf(result.environment)
  const paths = await writeResult({
    ...{ directory: options.out, startedAt, name: 'truth' },
    files: [
      ['.json', () => readableJson(result)],
      ['.md', () => markdown],
    ],
  })
  process.stdout.write(`${markdown}\n${paths.join('\n')}\n`)
}

function markdownOf({ cpuModel, logicalCores, runtime, commit }: Environment): string {
  const headings = toolNames.map((name) => `${name} (${otherTools[name].loop} loop)`)
  const missing = allTools.filter((name) => !toolNames.includes(name))
  return [
    '# What tools say of servers whose delays are known',
    '',
    `| delays | percentile | truth | harness | difference | ${headings.join(' | ')} |`,
    `|--|--|--:|--:|--:|${headings.map(() => '--:').join('|')}|`,
    ...rows.flatMap((row) => Object.keys(shares).map((name) => lineOf(row, name as keyof Percentiles))),
    '',
    ...rows.map(({ model, meaning }) => `- \`${model}\`: ${meaning}`),
    '',
    `${options.rate} requests/s offered by the open loops for ${options.duration} s, after that each other tool for as long; the truth is the server's own clock from arrival to answer, over the requests of the harness.`,
    ...(wayMs === undefined ? [] : [wayLine(wayMs)]),
    ...(missing.length === 0 ? [] : [`Not on this machine: ${missing.join(', ')}.`]),
    `${cpuModel}, ${logicalCores} cores, ${runtime}, commit ${commit ?? 'unknown'}, seed ${seed}.`,
    '',
  ].join('\n')
}

function wayLine(way: Percentiles): string {
  const parts = Object.entries(way).map(([name, ms]) => `${name} ${ms.toFixed(2)} ms`)
  return `Beyond what a server's own clock sees, the way to one that answers at once took ${parts.join(', ')}: so much of each difference is no error.`
}

function lineOf({ model, truthMs, harnessMs, others, valid }: Row, name: keyof Percentiles): string {
  const difference = (harnessMs[name] / truthMs[name] - 1) * 100
  const told = toolNames.map((tool) => {
    const ms = others[tool]?.[name]
    return ms === undefined ? '-' : `${ms.toFixed(1)} ms`
  })
  return (
    `| ${model}${valid ? '' : ' (invalid)'} | ${name} | ${truthMs[name].toFixed(1)} ms | ${harnessMs[name].toFixed(1)} ms ` +
    `| ${difference.toFixed(1)} % | ${told.join(' | ')} |`
  )
}
