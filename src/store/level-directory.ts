import { open, readdir, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { StartupError } from '../errors.ts'
import { makeDirectory } from '../support/make-directory.ts'

/** The on-disk layout that this version writes; an older one is read, a newer one refused. */
export const storeFormat = 1

/** What the marker file says, and where the engine's own files are. */
export type StoreDirectory = {
  readonly databasePath: string
  readonly initialised: boolean
  /** What an offline load that has not finished is loading into it. */
  readonly loading: string | undefined
}

/**
 * Looks at a data directory before anything in it is touched: a directory that is not ours, or that a newer version
 * wrote, is refused unchanged. An empty or missing one is prepared.
 * One that an offline load has half filled is refused, unless it is that load that asks.
 * @throws StartupError STORE_FOREIGN_DIRECTORY, STORE_FORMAT_NEWER, STORE_HALF_LOADED, STORE_CORRUPT or STORE_UNREADABLE.
 */
export async function prepareDirectory(
  directory: string,
  engine: string,
  { mayBeLoading = false }: { readonly mayBeLoading?: boolean } = {},
): Promise<StoreDirectory> {
  const databasePath = join(directory, 'records')
  const names = await listNames(directory)
  if (names.length === 0) {
    await writeMarker(directory, { format: storeFormat, engine, initialised: false })
    return { databasePath, initialised: false, loading: undefined }
  }
  if (!names.includes(markerName)) {
    throw new StartupError(
      'STORE_FOREIGN_DIRECTORY',
      `data directory "${directory}" holds files (${names.slice(0, 3).join(', ')}) but no ${markerName}: it is not a data directory of erji; give an empty or new one`,
    )
  }
  const marker = await readMarker(directory)
  if (marker.format > storeFormat) {
    throw new StartupError(
      'STORE_FORMAT_NEWER',
      `data directory "${directory}" has format ${marker.format}; this version reads up to ${storeFormat}: use the newer erji that wrote it`,
    )
  }
  if (marker.engine !== engine) {
    throw new StartupError(
      'STORE_FOREIGN_DIRECTORY',
      `data directory "${directory}" belongs to the engine "${marker.engine}"; expected "${engine}"`,
    )
  }
  if (marker.initialised && !(await exists(join(databasePath, 'CURRENT')))) {
    throw new StartupError(
      'STORE_CORRUPT',
      `data directory "${directory}" has lost its database (records/CURRENT is missing): restore it from a backup`,
    )
  }
  if (marker.loading !== undefined && !mayBeLoading) {
    throw new StartupError(
      'STORE_HALF_LOADED',
      `data directory "${directory}" holds part of an offline load (${marker.loading}): run that load again, it goes on where it stopped, or remove the directory`,
    )
  }
  return { databasePath, initialised: marker.initialised, loading: marker.loading }
}

/** Notes that the database exists, so that its later absence is recognised as damage and not as a first start. */
export async function markInitialised(directory: string, engine: string): Promise<void> {
  await writeMarker(directory, { format: storeFormat, engine, initialised: true })
}

/** Notes that an offline load is under way; `markInitialised` notes that it is finished. */
export async function markLoading(directory: string, engine: string, loading: string): Promise<void> {
  await writeMarker(directory, { format: storeFormat, engine, initialised: false, loading })
}

/** Whether an offline load was interrupted in this directory. */
export async function isHalfLoaded(directory: string): Promise<boolean> {
  const names = await listNames(directory)
  return names.includes(markerName) && (await readMarker(directory)).loading !== undefined
}

const markerName = 'erji-store.json'

type Marker = {
  readonly format: number
  readonly engine: string
  readonly initialised: boolean
  readonly loading?: string
}

async function listNames(directory: string): Promise<string[]> {
  try {
    await makeDirectory(directory)
    // A first start that was cut off may have left the marker's unfinished copy and nothing else.
    const ignored = ['lost+found', `${markerName}.new`]
    return (await readdir(directory)).filter((name) => !ignored.includes(name))
  } catch (cause) {
    throw new StartupError(
      'STORE_UNREADABLE',
      `data directory "${directory}" cannot be used: ${messageOf(cause)}`,
      {
        cause,
      },
    )
  }
}

async function readMarker(directory: string): Promise<Marker> {
  try {
    const marker: unknown = JSON.parse(await readFile(join(directory, markerName), 'utf8'))
    if (isMarker(marker)) return marker
    throw new Error('it lacks format, engine or initialised')
  } catch (cause) {
    throw new StartupError(
      'STORE_CORRUPT',
      `${markerName} in "${directory}" cannot be read: ${messageOf(cause)}`,
      {
        cause,
      },
    )
  }
}

// Written beside and renamed over, so that a crash leaves the old marker or the new one, never half of one.
async function writeMarker(directory: string, marker: Marker): Promise<void> {
  const path = join(directory, markerName)
  try {
    const file = await open(`${path}.new`, 'w')
    await file.writeFile(`${JSON.stringify(marker)}\n`)
    await file.sync()
    await file.close()
    await rename(`${path}.new`, path)
  } catch (cause) {
    throw new StartupError('STORE_UNREADABLE', `"${path}" cannot be written: ${messageOf(cause)}`, { cause })
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}

function isMarker(input: unknown): input is Marker {
  if (typeof input !== 'object' || input === null) return false
  const { format, engine, initialised, loading } = input as Record<string, unknown>
  if (loading !== undefined && typeof loading !== 'string') return false
  return Number.isInteger(format) && typeof engine === 'string' && typeof initialised === 'boolean'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
