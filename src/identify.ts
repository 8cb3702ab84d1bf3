import { type Followed, followAliases } from './alias.ts'
import { HandleError } from './errors.ts'
import { type Handle, parseHandle } from './identifier/handle.ts'
import { recognise } from './identifier/schemes/index.ts'
import type { Recognised } from './identifier/schemes/scheme.ts'
import { isPublic } from './identifier/value.ts'
import { recordOf } from './resolved-record.ts'
import type { Resolver } from './resolver.ts'

/** What an identifier of any scheme is, and where it leads at this node. */
export type Identification = {
  readonly id: string
  readonly scheme: string
  readonly canonical: string
  readonly parts: Readonly<Record<string, string>>
  readonly problem?: string
  /** Handles that were asked for, the most specific first. */
  readonly asked: readonly string[]
  /** The handle with the record, and the aliases that led to it; absent where there is none. */
  readonly leadsTo?: {
    readonly handle: string
    readonly via: readonly string[]
    readonly types: readonly string[]
  }
}

/**
 * Explains an identifier: a handle is itself; one of another scheme stands under the scheme prefix by its canonical spelling, whose
 * record declares by HS_ALIAS which handle it means. One that has no record of its own is what its broader form is.
 * @throws HandleError ALIAS_LOOP, STORE_UNAVAILABLE
 */
export async function identify(
  id: string,
  node: { readonly resolver: Resolver; readonly schemePrefix: string },
): Promise<Identification> {
  const recognised = recognise(id)
  const candidates =
    recognised === undefined
      ? [id]
      : [recognised.canonical, ...recognised.broader].map((suffix) => `${node.schemePrefix}/${suffix}`)
  const about = recognised === undefined ? handleFacts(id) : factsOf(recognised)
  const asked: string[] = []
  if (about.problem === undefined) {
    for (const text of candidates) {
      asked.push(text)
      const found = await follow(parseHandle(text), node.resolver)
      if (found?.resolved === undefined) continue
      const { handle, resolved, via } = found
      const types = [
        ...new Set(
          recordOf(resolved)
            .values.filter(isPublic)
            .map(({ type }) => type),
        ),
      ]
      return { id, ...about, asked, leadsTo: { handle: handle.text, via, types } }
    }
  }
  return { id, ...about, asked }
}

type Facts = Pick<Identification, 'scheme' | 'canonical' | 'parts' | 'problem'>

function factsOf({ scheme, canonical, parts, problem }: Recognised): Facts {
  return { scheme, canonical, parts, ...(problem === undefined ? {} : { problem }) }
}

function handleFacts(text: string): Facts {
  try {
    const { prefix, text: canonical } = parseHandle(text)
    return { scheme: 'Handle', canonical, parts: { prefix, suffix: canonical.slice(prefix.length + 1) } }
  } catch (error) {
    if (!(error instanceof HandleError)) throw error
    return { scheme: 'unknown', canonical: text, parts: {}, problem: error.message }
  }
}

/** A handle of another node's leads to nothing here. */
async function follow(handle: Handle, resolver: Resolver): Promise<Followed | undefined> {
  try {
    return await followAliases(handle, (each) => resolver.resolve(each, { authoritative: false }))
  } catch (error) {
    if (error instanceof HandleError && error.code === 'NOT_RESPONSIBLE') return undefined
    throw error
  }
}
