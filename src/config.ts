import { availableParallelism } from 'node:os'
import type { z } from 'zod'
import { heapEntriesMax } from './cache/heap-cache.ts'
import { StartupError } from './errors.ts'
import { isRepeatable, settingNames, settings, workersMax } from './settings.ts'
import { sharedByThreads } from './store/index.ts'
import { flagName } from './support/flag-name.ts'

export type NodeConfig = Readonly<Settings> & {
  readonly cacheNegativeBytes: number
  readonly workers: number
}

/**
 * Merges the sources, the first that has a setting wins, and checks all of it.
 * @throws StartupError CONFIG_INVALID naming, a line each, every setting that is wrong by itself, or where none is every one that
 * does not go with the others: its value and what was expected.
 */
export function parseConfig(...sources: readonly Readonly<Record<string, unknown>>[]): NodeConfig {
  const merged: Record<string, unknown> = {}
  for (const source of sources) {
    for (const [name, value] of Object.entries(source)) merged[name] ??= value
  }
  const parsed = settings.safeParse(merged)
  if (!parsed.success) throw refusal(parsed.error.issues.map((issue) => sentence(issue, merged)))
  const given = parsed.data
  const workers = workersOf(given)
  const problems = [
    negativeBytesProblem(given, merged),
    loneSettingProblem(given, ['cassandraUser', 'cassandraPasswordFile']),
    loneSettingProblem(given, ['cassandraTlsCertificate', 'cassandraTlsKey']),
    cacheMemoryProblem(given),
    workersProblem(given),
    upstreamProblem(given),
    wirePortProblem(given, workers),
    invalidationProblem(given),
  ].filter((problem) => problem !== undefined)
  if (problems.length > 0) throw refusal(problems)
  const cacheNegativeBytes = given.cacheNegativeBytes ?? Math.floor(given.cacheBytes / 16)
  return Object.freeze({ ...given, cacheNegativeBytes, workers })
}

type Settings = z.infer<typeof settings>

function refusal(problems: readonly string[]): StartupError {
  return new StartupError('CONFIG_INVALID', problems.join('\n'))
}

function negativeBytesProblem(
  { cacheBytes, cacheNegativeBytes = 0 }: Settings,
  merged: Readonly<Record<string, unknown>>,
): string | undefined {
  if (cacheNegativeBytes <= cacheBytes) return undefined
  return `--cache-negative-bytes is "${merged.cacheNegativeBytes}"; expected at most the ${cacheBytes} bytes of --cache-bytes`
}

/** Of two settings neither means anything alone. */
function loneSettingProblem(
  given: Settings,
  [one, other]: readonly [keyof Settings, keyof Settings],
): string | undefined {
  if ((given[one] === undefined) === (given[other] === undefined)) return undefined
  const [present, missing] = given[one] === undefined ? [other, one] : [one, other]
  return `--${flagName(present)} is "${given[present]}"; expected --${flagName(missing)} with it`
}

function cacheMemoryProblem({ cachePolicy, cacheMemory, cacheEntriesMax }: Settings): string | undefined {
  if (cacheMemory === 'slab') return undefined
  if (cachePolicy !== 'lru')
    return `--cache-memory is "heap"; expected slab with --cache-policy ${cachePolicy}`
  if (cacheEntriesMax <= heapEntriesMax) return undefined
  return `--cache-entries-max is "${cacheEntriesMax}"; expected at most ${heapEntriesMax} with --cache-memory heap`
}

function workersOf({ store, workers }: Settings): number {
  if (!sharedByThreads.includes(store)) return 1
  return workers ?? Math.min(workersMax, availableParallelism())
}

function workersProblem({ store, workers = 1 }: Settings): string | undefined {
  if (workers === 1 || sharedByThreads.includes(store)) return undefined
  const instead =
    store === 'cassandra'
      ? ': start a node for each core, on a port of its own; they share the cluster'
      : ', which threads cannot share'
  return `--workers is "${workers}"; expected 1 with --store ${store}${instead}`
}

function upstreamProblem({ recursive, upstream }: Settings): string | undefined {
  if (recursive === 'off' || upstream.length > 0) return undefined
  return '--upstream is ""; expected a node to ask with --recursive on'
}

function wirePortProblem({ wirePort }: Settings, workers: number): string | undefined {
  if (wirePort !== 0 || workers === 1) return undefined
  return `--wire-port is "0"; expected a port of its own with --workers ${workers}, which share it`
}

/** What an embedded store holds no other node changes: there is nobody to listen to. */
function invalidationProblem({ invalidationPort, store }: Settings): string | undefined {
  if (invalidationPort === undefined || store === 'cassandra') return undefined
  return `--invalidation-port is "${invalidationPort}"; expected none with --store ${store}, which no other node writes to`
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
