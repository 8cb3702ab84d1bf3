import { spawn } from 'node:child_process'
import { existsSync, readFileSync, statfsSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { type DirectLoadResult, storeBytesPerRecordExpected } from '../direct-load/direct-load.ts'
import { ownResidentBytes } from '../measure/own-memory.ts'
import { measureReads, type ReadPlan } from './measure-reads.ts'
import { measureRegistration } from './measure-registration.ts'
import { dropPageCache } from './page-cache.ts'
import { type ScaleContext, type StoreContext, withNode } from './scale-node.ts'
import type { SizeResult } from './scale-result.ts'

/** One size from an empty directory to the last measurement; `keep` is told of each, and skips what an earlier run has. */
export async function runSize(
  context: ScaleContext,
  { earlier, keep }: { readonly earlier: SizeResult | undefined; keep(result: SizeResult): void },
): Promise<SizeResult> {
  const { identifiers, flags, signal, say } = context
  let result: SizeResult = earlier ?? { identifiers, reads: [] }
  const add = (found: Partial<SizeResult>): void => {
    result = { ...result, ...found }
    keep(result)
  }
  if (!existsSync(join(context.dataDirectory, 'records')) && result.registration === undefined) {
    // Measurements of a store that is gone would be mixed with those of a new one.
    result = { identifiers, reads: [] }
  }
  if (result.load === undefined) add({ load: await loadStore(context) })
  if (signal.aborted) return result
  if (result.readySeconds === undefined) add(await measureReady(context))
  for (const plan of readPlans(flags.cacheShares)) {
    if (signal.aborted) return result
    if (result.reads.some((read) => isSamePlan(read, plan) && read.failed === undefined)) continue
    say(`${identifiers}: ${plan.asked}, cache of ${plan.cacheShare * 100} % …`)
    const read = await measureReads(context, plan)
    if (!signal.aborted) add({ reads: [...result.reads.filter((known) => !isSamePlan(known, plan)), read] })
  }
  if (signal.aborted) return result
  if (result.registration === undefined) {
    say(`${identifiers}: registering in random order for ${flags.registerSeconds} s …`)
    const registration = await measureRegistration(context)
    if (!signal.aborted) add({ registration })
  }
  return result
}

/** Whether everything of a size has been measured. */
export function isComplete(result: SizeResult | undefined): boolean {
  return result?.registration !== undefined
}

/** Why a size does not fit the disk; undefined where it does. */
export function shortageFor(identifiers: number, directory: string): string | undefined {
  const { bavail, bsize } = statfsSync(directory)
  // Registering in random order rewrites tables: the old ones go only when the new ones are there.
  const neededBytes = identifiers * storeBytesPerRecordExpected * 1.1 + 4 * 2 ** 30
  const freeBytes = bavail * bsize
  if (freeBytes >= neededBytes) return undefined
  const gibibytes = (bytes: number): string => (bytes / 2 ** 30).toFixed(1)
  return `${identifiers} identifiers need about ${gibibytes(neededBytes)} GiB in "${directory}", which has ${gibibytes(freeBytes)} GiB free`
}

function readPlans(cacheShares: readonly number[]): readonly ReadPlan[] {
  const present = cacheShares.flatMap((cacheShare) => [
    { asked: 'zipfian' as const, cacheShare },
    { asked: 'uniform' as const, cacheShare },
  ])
  const middle = cacheShares[Math.floor(cacheShares.length / 2)] ?? 0.01
  return [...present, { asked: 'absent', cacheShare: middle }]
}

function isSamePlan(one: ReadPlan, other: ReadPlan): boolean {
  return one.asked === other.asked && one.cacheShare === other.cacheShare
}

const loadResult = z.looseObject({ identifiers: z.number(), completed: z.number() })

/** Loads in a process of its own, whose memory and CPU time are the load's alone. */
export async function loadStore(context: StoreContext): Promise<NonNullable<SizeResult['load']>> {
  const { flags, identifiers, dataDirectory, secretFile, say, signal } = context
  const out = join(dataDirectory, '..')
  const file = join(out, `erji-direct-load-${identifiers}.json`)
  const earlier = readLoad(file)
  if (earlier?.completed === identifiers) return withoutIdentifiers(earlier)
  say(`${identifiers}: loading …`)
  await runLoad(
    {
      direct: dataDirectory,
      identifiers: String(identifiers),
      prefix: flags.prefix,
      seed: String(flags.seed),
      'secret-file': secretFile,
      out,
    },
    signal,
  )
  const found = readLoad(file)
  if (found?.completed === identifiers) return withoutIdentifiers(found)
  throw new LoadError(`the load of ${identifiers} identifiers is unfinished; the same command goes on`)
}

function readLoad(file: string): DirectLoadResult | undefined {
  if (!existsSync(file)) return undefined
  return loadResult.parse(JSON.parse(readFileSync(file, 'utf8'))) as unknown as DirectLoadResult
}

function withoutIdentifiers({ identifiers: _identifiers, ...found }: DirectLoadResult) {
  return found
}

/** The load did not finish: interrupted, or refused in words that it has written itself. */
export class LoadError extends Error {
  override readonly name = 'LoadError'
}

function runLoad(given: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void> {
  const main = fileURLToPath(new URL(`../main${extname(import.meta.url)}`, import.meta.url))
  const parameters = Object.entries(given).flatMap(([name, value]) => [`--${name}`, value])
  // A group of its own: Ctrl-C reaches it once, from here.
  const child = spawn(process.execPath, [main, 'load', ...parameters], {
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  })
  const interrupt = (): void => void child.kill('SIGINT')
  const end = (): void => void child.kill('SIGTERM')
  signal.addEventListener('abort', interrupt)
  process.once('exit', end)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, killedBy) => {
      signal.removeEventListener('abort', interrupt)
      process.off('exit', end)
      if (code === 0) resolve()
      else if (signal.aborted) reject(new LoadError('interrupted while loading; the same command goes on'))
      else reject(new LoadError(`the load ended with ${killedBy ?? `code ${code}`}`))
    })
  })
}

/** How soon a node over the store listens, with nothing of it in memory, and what it then holds. */
async function measureReady(context: ScaleContext): Promise<Partial<SizeResult>> {
  const pageCache = dropPageCache(join(context.dataDirectory, 'records'))
  const options = { cacheBytes: 64 * 2 ** 20, cacheEntriesMax: 1000, durability: 'os' }
  return withNode(context, options, async ({ pid, readySeconds }) => {
    const residentBytes = ownResidentBytes(pid)
    return {
      readySeconds,
      pageCache,
      ...(residentBytes === undefined ? {} : { readyResidentBytes: residentBytes }),
    }
  })
}
