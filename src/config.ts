import { availableParallelism } from 'node:os'
import type { z } from 'zod'
import { heapEntriesMax } from './cache/heap-cache.ts'
import { StartupError } from './errors.ts'
import { isRepeatable, settingNames, settings, workersMax } from './settings.ts'
import { type StoreEngine, sharedByThreads } from './store/index.ts'
import { flagName } from './support/flag-name.ts'

export type NodeConfig = Readonly<z.infer<typeof settings>> & {
  readonly cacheNegativeBytes: number
  readonly workers: number
}

/**
 * Merges the sources, the first that has a setting wins, and checks all of it.
 * @throws StartupError CONFIG_INVALID naming every setting that is wrong, its value and what was expected.
 */
export function parseConfig(...sources: readonly Readonly<Record<string, unknown>>[]): NodeConfig {
  const merged: Record<string, unknown> = {}
  for (const source of sources) {
    for (const [name, value] of Object.entries(source)) merged[name] ??= value
  }
  const parsed = settings.safeParse(merged)
  if (!parsed.success) {
    throw new StartupError(
      'CONFIG_INVALID',
      parsed.error.issues.map((issue) => sentence(issue, merged)).join('\n'),
    )
  }
  const cacheNegativeBytes = parsed.data.cacheNegativeBytes ?? Math.floor(parsed.data.cacheBytes / 16)
  if (cacheNegativeBytes > parsed.data.cacheBytes) {
    throw new StartupError(
      'CONFIG_INVALID',
      `--cache-negative-bytes is "${merged.cacheNegativeBytes}"; expected at most the ${parsed.data.cacheBytes} bytes of --cache-bytes`,
    )
  }
  demandTogether(parsed.data, ['cassandraUser', 'cassandraPasswordFile'])
  demandTogether(parsed.data, ['cassandraTlsCertificate', 'cassandraTlsKey'])
  assertCacheMemoryFits(parsed.data)
  const workers = workersOf(parsed.data)
  if (parsed.data.recursive === 'on' && parsed.data.upstream.length === 0)
    throw new StartupError('CONFIG_INVALID', '--upstream is ""; expected a node to ask with --recursive on')
  if (parsed.data.wirePort === 0 && workers > 1) {
    throw new StartupError(
      'CONFIG_INVALID',
      `--wire-port is "0"; expected a port of its own with --workers ${workers}, which share it`,
    )
  }
  return Object.freeze({ ...parsed.data, cacheNegativeBytes, workers })
}

/** Two settings of which neither means anything alone. */
function demandTogether(
  given: z.infer<typeof settings>,
  [one, other]: readonly [keyof typeof given, keyof typeof given],
): void {
  if ((given[one] === undefined) === (given[other] === undefined)) return
  const [present, missing] = given[one] === undefined ? [other, one] : [one, other]
  const problem = `--${flagName(present)} is "${given[present]}"; expected --${flagName(missing)} with it`
  throw new StartupError('CONFIG_INVALID', problem)
}

function assertCacheMemoryFits(
  cache: Pick<z.infer<typeof settings>, 'cachePolicy' | 'cacheMemory' | 'cacheEntriesMax'>,
): void {
  const { cachePolicy, cacheMemory, cacheEntriesMax } = cache
  if (cacheMemory === 'slab') return
  const problem =
    cachePolicy === 'lru'
      ? `--cache-entries-max is "${cacheEntriesMax}"; expected at most ${heapEntriesMax} with --cache-memory heap`
      : `--cache-memory is "heap"; expected slab with --cache-policy ${cachePolicy}`
  if (cachePolicy !== 'lru' || cacheEntriesMax > heapEntriesMax)
    throw new StartupError('CONFIG_INVALID', problem)
}

function workersOf({ store, workers }: { store: StoreEngine; workers?: number | undefined }): number {
  if (sharedByThreads.includes(store)) return workers ?? Math.min(workersMax, availableParallelism())
  if (workers === undefined || workers === 1) return 1
  const instead =
    store === 'cassandra'
      ? ': start a node for each core, on a port of its own; they share the cluster'
      : ', which threads cannot share'
  throw new StartupError(
    'CONFIG_INVALID',
    `--workers is "${workers}"; expected 1 with --store ${store}${instead}`,
  )
}

/** The settings that the environment gives: `ERJI_CACHE_BYTES` for `cacheBytes`; lists are comma-separated. */
export function settingsFromEnvironment(environment: NodeJS.ProcessEnv): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const name of settingNames) {
    const value = environment[`ERJI_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`]
    if (value !== undefined) found[name] = isRepeatable(name) ? value.split(',') : value
  }
  return found
}

function sentence(issue: z.core.$ZodIssue, merged: Readonly<Record<string, unknown>>): string {
  if (issue.code === 'unrecognized_keys')
    return `unknown setting ${issue.keys.map((key) => `"${key}"`).join(', ')}`
  const name = String(issue.path[0] ?? '')
  const found = merged[name]
  const shown = Array.isArray(found) ? found.join(',') : String(found)
  return `--${flagName(name)} is "${shown}"; ${deepest(issue)}`
}

/** What the branch of a union that fits the input best says: a list's own items, or the single item. */
function deepest(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_union') return issue.message
  const fitting = issue.errors.find((branch) => branch.every(({ code }) => code !== 'invalid_type'))
  return fitting?.at(-1)?.message ?? issue.message
}
