import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../src/support/clock.ts'
import { UsageError } from '../cli/flags.ts'
import { listenForInterrupt } from '../cli/interrupt.ts'
import { collectEnvironment } from '../measure/environment.ts'
import { type ExitCode, exitCodes } from '../report/verdict.ts'
import { scaleChart } from './scale-chart.ts'
import { runCommand, say } from './scale-command.ts'
import { scaleMarkdown } from './scale-markdown.ts'
import { type ScaleFlags, scaleFlags } from './scale-options.ts'
import type { ScaleResult, SizeResult } from './scale-result.ts'
import { isComplete, runSize } from './size-run.ts'
import { storePlace } from './store-place.ts'

/**
 * `npm run bench:scale -- --sizes 1e6,1e7`: what loading, starting, resolving and registering cost as a store grows. Each
 * size is loaded, measured and removed; an interrupted run goes on with the same command.
 */

const interrupt = listenForInterrupt({ stream: process.stderr })
process.exitCode = await runCommand({
  name: 'bench:scale',
  description: 'What cost does as a store grows.',
  flags: scaleFlags,
  run: runScale,
})
interrupt.stop()

async function runScale(flags: ScaleFlags): Promise<ExitCode> {
  const { signal } = interrupt
  mkdirSync(flags.out, { recursive: true })
  mkdirSync(flags.data, { recursive: true })
  let result = earlierResult(flags) ?? {
    schemaVersion: 1,
    startedAt: new Date(systemClock.nowMs()).toISOString(),
    environment: collectEnvironment(),
    config: flags,
    sizes: [],
  }
  const keep = (size: SizeResult): void => {
    const others = result.sizes.filter(({ identifiers }) => identifiers !== size.identifiers)
    const sizes = [...others, size].sort((left, right) => left.identifiers - right.identifiers)
    result = { ...result, sizes }
    writeResult(result, flags)
  }
  for (const identifiers of flags.sizes) {
    const earlier = result.sizes.find((size) => size.identifiers === identifiers)
    if (signal.aborted) break
    if (isComplete(earlier)) {
      say(`${identifiers}: measured already, in ${fileIn(flags)}`)
      continue
    }
    await runSizeIn(flags, { identifiers, earlier, keep })
  }
  writeResult(result, flags)
  process.stdout.write(`${scaleMarkdown(result)}\n`)
  if (!signal.aborted) return exitCodes.passed
  say('interrupted; the same command goes on')
  return exitCodes.invalid
}

async function runSizeIn(
  flags: ScaleFlags,
  size: { identifiers: number; earlier: SizeResult | undefined; keep(size: SizeResult): void },
): Promise<void> {
  const { identifiers } = size
  const place = storePlace(flags, { identifiers })
  if ('shortage' in place) {
    say(`left out: ${place.shortage}`)
    return
  }
  const { signal } = interrupt
  const finished = await runSize({ ...place, flags, identifiers, clock: systemClock, signal, say }, size)
  if (isComplete(finished) && !flags.keepData) rmSync(place.directory, { recursive: true, force: true })
  else say(`the store is kept in ${place.directory}`)
}

/** A result of the same command, unfinished or not. */
function earlierResult(flags: ScaleFlags): ScaleResult | undefined {
  const file = fileIn(flags)
  if (!existsSync(file)) return undefined
  const earlier: ScaleResult = JSON.parse(readFileSync(file, 'utf8'))
  const same = comparable(earlier.config) === comparable(flags)
  if (same) return earlier
  throw new UsageError([
    `--out is "${flags.out}"; it holds a result of other flags: remove it or give another`,
  ])
}

/** The flags that must agree for results to stand in one table. */
function comparable(config: Readonly<Record<string, unknown>>): string {
  const { sizes: _sizes, data: _data, out: _out, keepData: _keepData, ...rest } = config
  return JSON.stringify(rest, Object.keys(rest).sort())
}

function writeResult(result: ScaleResult, flags: ScaleFlags): void {
  const directory = mkdtempSync(join(flags.out, '.scale-'))
  const files = {
    'scale.json': `${JSON.stringify(result, undefined, 2)}\n`,
    'scale.md': scaleMarkdown(result),
    'scale.svg': scaleChart(result),
  }
  for (const [name, text] of Object.entries(files)) {
    // Renamed into place, so that an interruption leaves the old file or the new one.
    writeFileSync(join(directory, name), text)
    renameSync(join(directory, name), join(flags.out, name))
  }
  rmSync(directory, { recursive: true })
}

function fileIn({ out }: ScaleFlags): string {
  return join(out, 'scale.json')
}
