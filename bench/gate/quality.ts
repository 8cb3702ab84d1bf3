/**
 * Measures the gate itself (`npm run bench:gate-quality`): how often it calls a node regressed that is the very same,
 * and how often it finds a node whose answers cost a tenth more CPU. Both kinds of gate alternate. Every gate is a line
 * of a file, so that a long measurement may be done in pieces (`--log FILE --most 6`, again and again).
 */

import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Command } from 'commander'
import { z } from 'zod'
import { systemClock } from '../../src/support/clock.ts'
import { flagName } from '../../src/support/flag-name.ts'
import * as flags from '../cli/flags.ts'
import { parseFlags } from '../cli/flags.ts'
import { listenForInterrupt } from '../cli/interrupt.ts'
import { slicesOf } from '../commands/gate.ts'
import { gateFlags } from '../commands/gate-options.ts'
import { collectEnvironment } from '../measure/environment.ts'
import { resultTimestamp } from '../report/result-files.ts'
import { median } from './evaluate.ts'
import { overall } from './judge.ts'
import { gatingDefault } from './metric.ts'
import { type OpenSide, openSide } from './open-sides.ts'
import { type QualityGate, qualityMarkdown, qualityResult, readQualityLog } from './quality-result.ts'
import { runGate } from './run-gate.ts'
import { nodeSides } from './side.ts'
import { slowdownVariable } from './slowdown.ts'

const qualityFlags = z.object({
  same: flags.count({ least: 1 }).default(40).describe('gates of a node against itself'),
  slowed: flags.count({ least: 1 }).default(40).describe('gates against a slowed node'),
  slowdown: flags.share().default(0.1).describe('CPU added to each answer, as a share of what one costs'),
  slice: flags.seconds({ least: 1 }).default(1).describe('time of one open-loop measurement'),
  budget: flags.seconds({ least: 1 }).default(60).describe('time of one gate after which doubt is left'),
  repetitionsMin: gateFlags.shape.repetitionsMin,
  most: flags.count({ least: 1 }).optional().describe('gates done this time'),
  log: flags.text('expected the path of a file').optional().describe('gates done, continued if it exists'),
  out: flags.text('expected the path of a directory').default('results').describe('directory of the result'),
})
type QualityFlags = z.infer<typeof qualityFlags>

const slowdownModule = fileURLToPath(new URL('./slowdown.ts', import.meta.url))
const costPairs = 5

const command = new Command('bench:gate-quality')
for (const [name, schema] of Object.entries(qualityFlags.shape)) {
  command.option(`--${flagName(name)} <value>`, schema.description)
}
const options = parseFlags(qualityFlags, command.parse().opts())
const startedAt = new Date(systemClock.nowMs()).toISOString()
mkdirSync(options.out, { recursive: true })
const stem = join(options.out, `${resultTimestamp(startedAt)}-gate-quality`)
const log = options.log ?? `${stem}.ndjson`
await measure(options)
conclude(options)

async function measure(quality: QualityFlags): Promise<void> {
  const done = existsSync(log) ? readQualityLog(readFileSync(log, 'utf8'), log) : []
  const plan = remaining(quality, done)
  if (plan.length === 0) return
  const interrupt = listenForInterrupt({ stream: process.stderr })
  const common = gateFlags.parse({ baseline: '.' })
  const opening = {
    ...common,
    at: '.',
    side: 'baseline' as const,
    signal: interrupt.signal,
    stream: process.stderr,
  }
  const sides: OpenSide[] = []
  const open = async (extra: Partial<Parameters<typeof openSide>[0]> = {}): Promise<OpenSide> => {
    const side = await openSide({ ...opening, ...extra })
    sides.push(side)
    return side
  }
  try {
    // A baseline for each kind, so that both sides of a pair have always done the same work before.
    const [sameLeft, slowedLeft] = [await open(), await open()]
    const same = await open({ side: 'candidate' })
    // Gates of one log are slowed by the same time, whenever they are made.
    const costUs = done[0]?.costUs ?? (await costOfAnswer(sameLeft, same))
    const openSlowed = (addedUs: number): Promise<OpenSide> =>
      open({
        side: 'candidate',
        start: {
          runtimeArguments: ['--import', pathToFileURL(slowdownModule).href],
          environment: { [slowdownVariable]: String(addedUs) },
        },
      })
    const addedUs = done[0]?.addedUs ?? (await slowdownFor(quality, { costUs, left: slowedLeft, openSlowed }))
    process.stderr.write(`an answer costs ${costUs.toFixed(1)} us; slowed by ${addedUs.toFixed(2)} us\n`)
    const slowed = await openSlowed(addedUs)
    for (const [position, kind] of plan.entries()) {
      if (interrupt.signal.aborted) break
      const seed = 1000 + done.length + position
      const gate = await oneGate(
        kind === 'same' ? { left: sameLeft, right: same } : { left: slowedLeft, right: slowed },
        { quality, seed },
      )
      if (interrupt.signal.aborted) break
      appendFileSync(
        log,
        `${JSON.stringify({ kind, at: new Date(systemClock.nowMs()).toISOString(), costUs, addedUs, ...gate })}\n`,
      )
      process.stderr.write(`${position + 1}/${plan.length} ${kind}: ${shown(gate)}\n`)
    }
  } catch (error) {
    if (!interrupt.signal.aborted) throw error
  } finally {
    for (const side of sides.reverse()) await side.close()
    interrupt.stop()
  }
}

/** Which gates are left, the two kinds by turns. */
function remaining(
  { same, slowed, most }: QualityFlags,
  done: readonly QualityGate[],
): QualityGate['kind'][] {
  const left = {
    same: Math.max(0, same - done.filter(({ kind }) => kind === 'same').length),
    slowed: Math.max(0, slowed - done.filter(({ kind }) => kind === 'slowed').length),
  }
  const plan: QualityGate['kind'][] = []
  for (let index = 0; index < Math.max(left.same, left.slowed); index++) {
    if (index < left.same) plan.push('same')
    if (index < left.slowed) plan.push('slowed')
  }
  return plan.slice(0, most)
}

/**
 * The time to add to each write so that an answer costs so much more CPU as the gate measures it. A loop that its generator limits
 * lets a slower node answer more requests each time it wakes, so that less of the time is seen than was added: it is tried, and
 * made longer by what was not seen.
 */
async function slowdownFor(
  { slowdown }: QualityFlags,
  trial: { costUs: number; left: OpenSide; openSlowed: (addedUs: number) => Promise<OpenSide> },
): Promise<number> {
  const triedUs = 2 * slowdown * trial.costUs
  const slowed = await trial.openSlowed(triedUs)
  const slices = { ...slicesOf(gateFlags.parse({ baseline: '.' })), sliceSeconds: 1 }
  const sides = nodeSides({ baseline: trial.left, candidate: slowed }, slices)
  const ratios: number[] = []
  for (let pair = 0; pair < costPairs; pair++) {
    const { baseline, candidate } = await sides.measurePair(trial.left.session.signal)
    const [before, after] = [baseline['resolve-cpu'], candidate['resolve-cpu']]
    if (before !== undefined && after !== undefined) ratios.push(after / before)
  }
  const seen = median(ratios) - 1
  if (!(seen > slowdown / 2))
    throw new TypeError(`answers slowed by ${triedUs.toFixed(2)} us cost ${seen.toFixed(3)} times more`)
  return (triedUs * slowdown) / seen
}

/** CPU that a node needs for one answer when it has nothing else to do than to resolve. */
async function costOfAnswer(left: OpenSide, right: OpenSide): Promise<number> {
  const slices = { ...slicesOf(gateFlags.parse({ baseline: '.' })), sliceSeconds: 1 }
  const sides = nodeSides({ baseline: left, candidate: right }, slices)
  const costs: number[] = []
  for (let pair = 0; pair <= costPairs; pair++) {
    const { baseline } = await sides.measurePair(left.session.signal)
    const cost = baseline['resolve-cpu']
    if (pair > 0 && cost !== undefined) costs.push(cost)
  }
  if (costs.length === 0) throw new TypeError('the CPU time of a node cannot be read on this machine')
  return median(costs)
}

async function oneGate(
  { left, right }: { readonly left: OpenSide; readonly right: OpenSide },
  { quality, seed }: { readonly quality: QualityFlags; readonly seed: number },
): Promise<Omit<QualityGate, 'kind' | 'at' | 'costUs' | 'addedUs'>> {
  const startNs = systemClock.nowNs()
  const common = gateFlags.parse({ baseline: '.', seed: String(seed) })
  const run = await runGate({
    ...common,
    sides: nodeSides(
      { baseline: left, candidate: right },
      { ...slicesOf(common), sliceSeconds: quality.slice },
    ),
    gating: gatingDefault,
    repetitionsMin: quality.repetitionsMin,
    budgetSeconds: quality.budget,
    clock: systemClock,
    signal: left.session.signal,
  })
  const gating = run.results.filter((result) => result.gating)
  return {
    verdict: overall(gating.map((result) => result.verdict)),
    pairs: run.repetitions.length,
    seconds: (systemClock.nowNs() - startNs) / 1e9,
    metrics: gating.map(({ metric, verdict, interval: { ratio, low, high } }) => ({
      metric,
      verdict,
      ratio,
      low,
      high,
    })),
  }
}

function shown({ verdict, seconds, metrics }: Pick<QualityGate, 'verdict' | 'seconds' | 'metrics'>): string {
  const ratios = metrics.map(
    ({ metric, ratio, low, high }) => `${metric} ${ratio.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`,
  )
  return `${verdict} (${ratios.join(', ')}), ${Math.round(seconds)} s`
}

function conclude(quality: QualityFlags): void {
  if (!existsSync(log)) return
  const gates = readQualityLog(readFileSync(log, 'utf8'), log)
  const result = qualityResult(gates, {
    command: ['bench:gate-quality', ...process.argv.slice(2)],
    environment: collectEnvironment(),
    options: quality,
  })
  writeFileSync(`${stem}.json`, `${JSON.stringify(result, undefined, 2)}\n`)
  const markdown = qualityMarkdown(result)
  writeFileSync(`${stem}.md`, markdown)
  process.stdout.write(`${markdown}\n${stem}.json\n${stem}.md\n`)
}
