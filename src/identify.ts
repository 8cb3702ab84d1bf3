import { type Followed, followAliases } from './alias.ts'
import { HandleError } from './errors.ts'
import { foldAscii, type Handle, parseHandle } from './identifier/handle.ts'
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
  /** Where the aliases end; absent where there was no record to begin with. */
  readonly leadsTo?: {
    readonly handle: string
    readonly via: readonly string[]
    /** Of its public values; none where an alias leads to a handle without a record, or one of another node's. */
    readonly types: readonly string[]
    readonly problem?: string
  }
}

/**
 * Explains an identifier: a handle is itself; one of another scheme stands under the scheme prefix by its canonical spelling, whose
 * record declares by HS_ALIAS or alsoKnownAs which handle it means. One that has no record of its own is what its broader form is.
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
      if (found === undefined) continue
      const known = recognised === undefined ? undefined : alsoKnownAs(found)
      const end = known === undefined ? found : await goOn(found, parseHandle(known), node.resolver)
      return { id, ...about, asked, leadsTo: shown(end) }
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

type End = Followed & { readonly problem?: string }

/** Undefined for a handle that has no record itself; an alias may lead to one that has none, or that another node has. */
async function follow(start: Handle, resolver: Resolver): Promise<End | undefined> {
  let problem = 'it has no record'
  const followed = await followAliases(start, async (each) => {
    try {
      return await resolver.resolve(each, { authoritative: false, recurse: true })
    } catch (error) {
      if (!(error instanceof HandleError) || error.code !== 'NOT_RESPONSIBLE') throw error
      problem = error.message
      return undefined
    }
  })
  if (followed.resolved !== undefined) return followed
  return followed.via.length === 0 ? undefined : { ...followed, problem }
}

async function goOn(from: Followed, to: Handle, resolver: Resolver): Promise<End> {
  const end = await follow(to, resolver)
  const via = [...from.via, from.handle.text]
  if (end !== undefined) return { ...end, via: [...via, ...end.via] }
  return { handle: to, resolved: undefined, via, problem: 'it has no record here' }
}

// A URL or another DID would pass for a handle by its slash.
const handleForm = /^\d[^\s/:]*\//

function isHandle(text: string): boolean {
  return handleFacts(text).scheme === 'Handle'
}

/** The handle that a record of another scheme's identifier says it is also known as (W3C DID Core 1.0, section 5.1.3). */
function alsoKnownAs({ resolved, handle }: Followed): string | undefined {
  if (resolved === undefined) return undefined
  return recordOf(resolved)
    .values.filter((value) => isPublic(value) && value.type.toUpperCase() === 'ALSOKNOWNAS')
    .map(({ data }) => Buffer.from(data).toString('utf8'))
    .find((text) => handleForm.test(text) && isHandle(text) && foldAscii(text) !== handle.key)
}

function shown({ handle, resolved, via, problem }: End): NonNullable<Identification['leadsTo']> {
  const values = resolved === undefined ? [] : recordOf(resolved).values.filter(isPublic)
  const types = [...new Set(values.map(({ type }) => type))]
  return { handle: handle.text, via, types, ...(problem === undefined ? {} : { problem }) }
}
