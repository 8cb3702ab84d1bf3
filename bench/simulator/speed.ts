import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../src/support/clock.ts'
import { median } from '../gate/evaluate.ts'
import { collectEnvironment } from '../measure/environment.ts'
import { readableJson, writeResult } from '../report/result-files.ts'
import { writeTrace } from '../workload/traces/write-trace.ts'
import { generateTrace } from './generate-trace.ts'

/**
 * Alternates with libCacheSim over one file and writes requests per second and their ratios beside the other results:
 * `node bench/simulator/speed.ts [DIRECTORY] [ALTERNATIONS]`, after `node scripts/install-libcachesim.ts`.
 */

type RunOutcome = {
  readonly missRatio: number
  readonly ns: number
  readonly densifiedNs?: number
}

const policies = ['fifo', 'lru', 'clock', 'sieve', 's3-fifo'] as const
const requests = 10_000_000
const objects = 1_000_000
const python = fileURLToPath(new URL('../../.venv-libcachesim/bin/python', import.meta.url))
const ours = fileURLToPath(new URL('./speed-run.ts', import.meta.url))
const theirs = fileURLToPath(new URL('./speed-run.py', import.meta.url))

const directory = process.argv[2] ?? 'results'
const alternations = Number(process.argv[3] ?? 5)
const startedAt = new Date(systemClock.nowMs()).toISOString()
if (!existsSync(python)) throw new Error('libCacheSim is missing: run node scripts/install-libcachesim.ts')

const temporary = await mkdtemp(join(tmpdir(), 'erji-speed-'))
try {
  const file = join(temporary, 'zipf.oracleGeneral.bin')
  const trace = generateTrace({ distribution: 'zipfian', exponent: 0.99, requests, objects, seed: 42 })
  await writeTrace(trace, { file, format: 'oracleGeneral' })
  const capacity = Math.floor(trace.objects / 10)
  const results = policies.map((policy) => measure({ file, policy, capacity }))
  const report = { startedAt, environment: collectEnvironment(), requests, capacity, alternations, results }
  const paths = await writeResult({
    ...{ directory, startedAt, name: 'simulator-speed' },
    files: [['.json', () => readableJson(report)]],
  })
  process.stdout.write(`${paths.join('\n')}\n`)
} finally {
  await rm(temporary, { recursive: true })
}

function measure(run: { readonly file: string; readonly policy: string; readonly capacity: number }) {
  const parameters = [run.file, run.policy, String(run.capacity)]
  const fromFile: number[] = []
  const densified: number[] = []
  const reference: number[] = []
  for (let alternation = 0; alternation < alternations; alternation++) {
    const one = outcomeOf(process.execPath, [ours, ...parameters])
    const other = outcomeOf(python, [theirs, ...parameters])
    if (Math.abs(one.missRatio - other.missRatio) > 1e-9)
      throw new Error(`${run.policy}: ${one.missRatio} here, ${other.missRatio} by libCacheSim`)
    fromFile.push(perSecond(one.ns))
    densified.push(perSecond(one.densifiedNs ?? Number.NaN))
    reference.push(perSecond(other.ns))
  }
  const ratios = { fromFile: ratioOf(fromFile, reference), densified: ratioOf(densified, reference) }
  const shown = [fromFile, densified, reference].map((rates) => (median(rates) / 1e6).toFixed(1))
  process.stdout.write(
    `${run.policy.padEnd(8)} Mreq/s from file ${shown[0]}, densified ${shown[1]}, libCacheSim ${shown[2]}; ` +
      `ratio ${show(ratios.fromFile)}, densified ${show(ratios.densified)}\n`,
  )
  return { policy: run.policy, fromFile, densified, reference, ratios }
}

function outcomeOf(program: string, parameters: readonly string[]): RunOutcome {
  return JSON.parse(execFileSync(program, parameters, { encoding: 'utf8' }))
}

function perSecond(ns: number): number {
  return (requests * 1e9) / ns
}

type Ratio = { readonly median: number; readonly least: number; readonly most: number }

/** Of pairs measured one right after the other. */
function ratioOf(rates: readonly number[], reference: readonly number[]): Ratio {
  const ratios = rates.map((rate, index) => rate / (reference[index] ?? Number.NaN))
  return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) }
}

function show({ median: middle, least, most }: Ratio): string {
  return `${middle.toFixed(2)} (${least.toFixed(2)}-${most.toFixed(2)})`
}
