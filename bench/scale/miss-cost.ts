/**
 * What a miss costs beside a hit (`npm run bench:misses -- --sizes 1e7`): one node over so many records with a cache for a
 * hundredth of them, asked for cached handles, by zipfian popularity and for absent ones, and bare node:http, all by turns
 * under one client; then their latencies at one offered rate, by turns again.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { z } from 'zod'
import { systemClock } from '../../src/support/clock.ts'
import { UsageError } from '../cli/flags.ts'
import { listenForInterrupt } from '../cli/interrupt.ts'
import { collectEnvironment } from '../measure/environment.ts'
import { hasProgram } from '../peers/spawned.ts'
import { type ExitCode, exitCodes } from '../report/verdict.ts'
import { missFlags } from './miss-flags.ts'
import { missMarkdown } from './miss-markdown.ts'
import { type MissResult, measureMisses } from './miss-sides.ts'
import { runCommand, say } from './scale-command.ts'
import { loadStore } from './size-run.ts'
import { storePlace } from './store-place.ts'

const interrupt = listenForInterrupt({ stream: process.stderr })
process.exitCode = await runCommand({
  name: 'bench:misses',
  description: 'What a miss costs beside a hit.',
  flags: missFlags,
  run,
})
interrupt.stop()

async function run(flags: z.infer<typeof missFlags>): Promise<ExitCode> {
  if (!hasProgram('wrk')) {
    throw new UsageError(['wrk is not installed; it is the only client here that asks for drawn paths'])
  }
  const startedAt = new Date(systemClock.nowMs()).toISOString()
  const sizes: MissResult[] = []
  for (const identifiers of flags.sizes) {
    if (interrupt.signal.aborted) break
    const found = await measureSize(flags, identifiers)
    if (found !== undefined) sizes.push(found)
  }
  if (sizes.length === 0) return exitCodes.invalid
  // Where the stores lay and the result goes says nothing about it.
  const { data: _data, out: _out, keepData: _keepData, ...config } = flags
  const result = {
    schemaVersion: 1,
    startedAt,
    environment: collectEnvironment(),
    config,
    sizes,
  } as const
  mkdirSync(flags.out, { recursive: true })
  writeFileSync(join(flags.out, 'misses.json'), `${JSON.stringify(result, undefined, 2)}\n`)
  writeFileSync(join(flags.out, 'misses.md'), missMarkdown(result))
  process.stdout.write(`${missMarkdown(result)}\n`)
  return interrupt.signal.aborted ? exitCodes.invalid : exitCodes.passed
}

async function measureSize(
  flags: z.infer<typeof missFlags>,
  identifiers: number,
): Promise<MissResult | undefined> {
  // A store that `bench:scale` has kept serves here too.
  const place = storePlace(flags, { identifiers })
  if ('shortage' in place) {
    say(`left out: ${place.shortage}`)
    return undefined
  }
  const bursts = await mkdtemp(join(tmpdir(), 'erji-misses-'))
  const context = { ...place, flags, identifiers, clock: systemClock, signal: interrupt.signal, say }
  try {
    await loadStore(context)
    return await measureMisses(context, { ...flags, directory: bursts })
  } finally {
    await rm(bursts, { recursive: true, force: true })
    if (!flags.keepData) rmSync(place.directory, { recursive: true, force: true })
    else say(`the store is kept in ${place.directory}`)
  }
}
