import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { shortageFor } from './size-run.ts'

/** Where a store of so many identifiers is made: it is named by what it holds, so that a later command finds it again. */
export type StorePlace = {
  readonly directory: string
  readonly dataDirectory: string
  readonly secretFile: string
}

/** Makes the directory and those above it; a sentence instead where the disk has not enough room for a store that is not there yet. */
export function storePlace(
  { data, prefix, seed }: { readonly data: string; readonly prefix: string; readonly seed: number },
  { identifiers, name = 'scale' }: { readonly identifiers: number; readonly name?: string },
): StorePlace | { readonly shortage: string } {
  mkdirSync(data, { recursive: true })
  const directory = join(data, `erji-${name}-${prefix}-${seed}-${identifiers}`)
  const shortage = existsSync(directory) ? undefined : shortageFor(identifiers, data)
  if (shortage !== undefined) return { shortage }
  mkdirSync(directory, { recursive: true })
  return { directory, dataDirectory: join(directory, 'node'), secretFile: join(directory, 'secret') }
}
