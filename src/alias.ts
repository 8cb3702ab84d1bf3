import { HandleError } from './errors.ts'
import { type Handle, parseHandle } from './identifier/handle.ts'
import { isPublic } from './identifier/value.ts'
import { type ResolvedRecord, recordOf } from './resolved-record.ts'
import type { MaybePromise } from './support/maybe-promise.ts'

/** Aliases that are followed one behind the other before it is too many. */
export const aliasesMax = 10

export const aliasType = 'HS_ALIAS'

/** Where a chain of aliases ended: `via` holds the handles that were passed, the one asked for first. */
export type Followed = {
  readonly handle: Handle
  readonly resolved: ResolvedRecord | undefined
  readonly via: readonly string[]
}

/**
 * Resolves a handle and goes on to the handle that a public HS_ALIAS value of its record names, until a record has none.
 * @throws HandleError ALIAS_LOOP for a chain that comes back or has more than `aliasesMax` links.
 */
export async function followAliases(
  start: Handle,
  resolve: (handle: Handle) => MaybePromise<ResolvedRecord | undefined>,
): Promise<Followed> {
  const via: string[] = []
  const seen = new Set<string>()
  let handle = start
  for (;;) {
    seen.add(handle.key)
    const resolved = await resolve(handle)
    const target = resolved === undefined ? undefined : aliasOf(resolved)
    if (target === undefined) return { handle, resolved, via }
    via.push(handle.text)
    const next = parseHandle(target)
    if (seen.has(next.key)) throw loop(start, `"${handle.text}" leads back to "${next.text}"`)
    if (via.length >= aliasesMax) throw loop(start, `it has more than ${aliasesMax} links`)
    handle = next
  }
}

/** The handle that a record is an alias of; undefined for a record that is none. */
export function aliasOf(resolved: ResolvedRecord): string | undefined {
  const alias = recordOf(resolved).values.find(
    (value) => isPublic(value) && value.type.toUpperCase() === aliasType,
  )
  return alias === undefined ? undefined : Buffer.from(alias.data).toString('utf8')
}

function loop(start: Handle, problem: string): HandleError {
  return new HandleError('ALIAS_LOOP', `the aliases of "${start.text}" do not end: ${problem}`)
}
