/**
 * Measures the gate itself (`npm run bench:gate-quality`): how often it calls a node regressed that is the very same,
 * and how often it finds a node whose answers cost a tenth more CPU. Writes JSON beside the table.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Command } from 'commander'
import { z } from 'zod'
import { systemClock } from '../../src/support/clock.ts'
import { slicesOf } from '../command-gate.ts'
import * as flags from '../flags.ts'
import { parseFlags } from '../flags.ts'
import { gateFlags } from '../gate-options.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { collectEnvironment } from '../measure/environment.ts'
import { median } from './evaluate.ts'
import type { MetricResult } from './gate-result.ts'
import { overall } from './judge.ts'
import { type OpenSide, openSide } from './open-sides.ts'
import { type GateRun, runGate } from './run-gate.ts'
import { nodeSide } from './side.ts'
import { slowdownVariable } from './slowdown.ts'

const qualityFlags = z.object({
  same: flags.count({ least: 1 }).default(40).describe('gates of a node against itself'),
  slowed: flags.count({ least: 1 }).default(20).describe('gates against a slowed node'),
  slowdown: flags.share().default(0.1).describe('CPU added to each answer, as a share of what one costs'),
  slice: flags.seconds({ least: 1 }).default(2).describe('time of one open-loop measurement of a side'),
  budget: flags.seconds({ least: 1 }).default(90).describe('time of one gate after which doubt is left'),
  out: flags.text('expected the path of a directory').default('results').describe('directory of the result'),
})
type QualityFlags = z.infer<typeof qualityFlags>

type Judged = {
  readonly verdict: ReturnType<typeof overall>
  readonly pairs: number
  readonly seconds: number
  readonly results: readonly MetricResult[]
}

await main()

async function main(): Promise<void> {
  const command = new Command('bench:gate-quality')
  for (const name of Object.keys(qualityFlags.shape)) command.option(`--${name} <value>`)
  const options = parseFlags(qualityFlags, command.parse().opts())
  const interrupt = listenForInterrupt({ stream: process.stderr })
  const common = gateFlags.parse({ baseline: '.' })
  const opening = { ...common, at: '.', signal: interrupt.signal, stream: process.stderr }
  const startedAt = new Date(systemClock.nowMs()).toISOString()
  const left = await openSide(opening)
  const right = await openSide(opening)
  try {
    const same = await gates(options.same, { left, right, options, label: 'same' })
    const costUs = median(same.flatMap(({ results }) => cpuOf(results)))
    const slowdownUs = costUs * options.slowdown
    process.stderr.write(`an answer costs ${costUs.toFixed(1)} us; slowed by ${slowdownUs.toFixed(1)} us\n`)
    await right.close()
    const slower = await openSide({
      ...opening,
      start: {
        runtimeArguments: ['--import', pathToFileURL(slowdownModule).href],
        environment: { [slowdownVariable]: String(slowdownUs) },
      },
    })
    try {
      const slowed = await gates(options.slowed, { left, right: slower, options, label: 'slowed' })
      conclude({ startedAt, options, same, slowed, costUs, slowdownUs })
    } finally {
      await slower.close()
    }
  } finally {
    await left.close()
    interrupt.stop()
  }
}

async function gates(
  count: number,
  parts: { left: OpenSide; right: OpenSide; options: QualityFlags; label: string },
): Promise<Judged[]> {
  const judged: Judged[] = []
  for (let index = 0; index < count && !parts.left.session.signal.aborted; index++) {
    const startNs = systemClock.nowNs()
    const run = await oneGate(parts, index)
    const seconds = (systemClock.nowNs() - startNs) / 1e9
    const gating = run.results.filter((result) => result.gating)
    const verdict = overall(gating.map((result) => result.verdict))
    judged.push({ verdict, pairs: run.repetitions.length, seconds, results: run.results })
    const shown = gating.map(({ metric, interval }) => `${metric} ${interval.ratio.toFixed(3)}`).join(', ')
    process.stderr.write(
      `${parts.label} ${index + 1}/${count}: ${verdict} (${shown}), ${Math.round(seconds)} s\n`,
    )
  }
  return judged
}

function oneGate(
  { left, right, options }: { left: OpenSide; right: OpenSide; options: QualityFlags },
  index: number,
): Promise<GateRun> {
  const common = gateFlags.parse({ baseline: '.', seed: String(1000 + index) })
  const slices = { ...slicesOf(common), sliceSeconds: options.slice }
  return runGate({
    ...common,
    baseline: nodeSide('left', left.session, slices),
    candidate: nodeSide('right', right.session, slices),
    gating: common.metrics,
    budgetSeconds: options.budget,
    clock: systemClock,
    signal: left.session.signal,
  })
}

const slowdownModule = fileURLToPath(new URL('./slowdown.ts', import.meta.url))

function cpuOf(results: readonly MetricResult[]): number[] {
  return results.filter(({ metric }) => metric === 'cpu').map(({ baseline }) => baseline)
}

function conclude(measured: {
  startedAt: string
  options: QualityFlags
  same: readonly Judged[]
  slowed: readonly Judged[]
  costUs: number
  slowdownUs: number
}): void {
  const { same, slowed, options, startedAt } = measured
  const share = (judged: readonly Judged[], verdict: Judged['verdict']): number =>
    judged.filter((gate) => gate.verdict === verdict).length / Math.max(1, judged.length)
  const seconds = median([...same, ...slowed].map((gate) => gate.seconds))
  const result = {
    ...measured,
    command: ['bench:gate-quality', ...process.argv.slice(2)],
    environment: collectEnvironment(),
    falselyRegressed: share(same, 'regressed'),
    foundSlowdowns: share(slowed, 'regressed'),
    medianSecondsPerGate: seconds,
  }
  mkdirSync(options.out, { recursive: true })
  const file = join(options.out, `${startedAt.replace(/\.\d+/, '').replaceAll(':', '-')}-gate-quality.json`)
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`)
  const line = (name: string, judged: readonly Judged[]): string =>
    `${name}: ${judged.length} gates, regressed ${percent(share(judged, 'regressed'))}, ` +
    `inconclusive ${percent(share(judged, 'inconclusive'))}, passed ${percent(share(judged, 'passed'))}`
  process.stdout.write(
    `${line('same', same)}\n${line(`slowed by ${percent(options.slowdown)}`, slowed)}\n` +
      `median ${seconds.toFixed(0)} s a gate\n${file}\n`,
  )
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
