import { type ErrorCode, HandleError } from './errors.ts'
import { parseHandle } from './identifier/handle.ts'
import { isService, type SiteData, sitesIn } from './identifier/site-data.ts'
import { type HandleValue, isPublic } from './identifier/value.ts'
import { upstreamName } from './recursion/upstream-address.ts'
import type { Referral } from './referral.ts'
import { recordOf } from './resolved-record.ts'
import type { Resolver } from './resolver.ts'

/** Where a referral leads a person: `web` are origins that a browser can ask, `others` what it cannot, each as a URL. */
export type WebReferral = { readonly web: readonly string[]; readonly others: readonly string[] }

/** Service handles of one referral that are looked up; each costs a resolution. */
const servicesMax = 4

/**
 * The servers of a referral's sites by what a browser can do with them: primary sites first, HTTPS before HTTP. Sites of service
 * handles count where those handles are found; one that is not is named among the others.
 */
export async function webReferralOf({ values }: Referral, resolver: Resolver): Promise<WebReferral> {
  const sites = sitesIn(values)
  const others: string[] = []
  for (const { data } of values.filter(isService).slice(0, servicesMax)) {
    const text = Buffer.from(data).toString('utf8')
    const found = sitesIn(await publicValuesOf(text, resolver))
    if (found.length === 0) others.push(`hdl:${text}`)
    sites.push(...found)
  }
  sites.sort((left, right) => Number(right.primarySite) - Number(left.primarySite))
  const servers = sites.flatMap(serversOf)
  const web = servers.filter(isWeb).sort((left, right) => Number(isSecure(right)) - Number(isSecure(left)))
  return {
    web: [...new Set(web)],
    others: [...new Set([...servers.filter((url) => !isWeb(url)), ...others])],
  }
}

async function publicValuesOf(text: string, resolver: Resolver): Promise<readonly HandleValue[]> {
  try {
    const resolved = await resolver.resolve(parseHandle(text), { authoritative: false, recurse: true })
    return resolved === undefined ? [] : recordOf(resolved).values.filter(isPublic)
  } catch (error) {
    if (error instanceof HandleError && unknownHere.has(error.code)) return []
    throw error
  }
}

const unknownHere: ReadonlySet<ErrorCode> = new Set([
  'INVALID_HANDLE',
  'NOT_RESPONSIBLE',
  'REFERRAL_LOOP',
  'UPSTREAM_UNAVAILABLE',
])

const protocols = { TCP: 'hdl+tcp', UDP: 'hdl+udp', HTTP: 'http', HTTPS: 'https' } as const

/** What this node's own site is told with beside its interfaces, which are of the native protocol. */
const httpApiAttribute = 'http-api'

function serversOf({ servers, attributes }: SiteData): string[] {
  const apis = attributes.filter(({ name, value }) => name === httpApiAttribute && /^https?:/.test(value))
  const interfaces = servers.flatMap(({ address, interfaces }) =>
    interfaces
      .filter(({ query }) => query)
      .map(({ protocol, port }) => upstreamName({ protocol: protocols[protocol], host: address, port })),
  )
  return [
    ...apis.filter(({ value }) => URL.canParse(value)).map(({ value }) => new URL(value).origin),
    ...interfaces.filter((url) => URL.canParse(url)),
  ]
}

function isWeb(url: string): boolean {
  return url.startsWith('http')
}

function isSecure(url: string): boolean {
  return url.startsWith('https:')
}
