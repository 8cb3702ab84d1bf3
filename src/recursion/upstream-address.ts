import { BlockList, isIP } from 'node:net'
import type { SiteData } from '../identifier/site-data.ts'

/** Where another node answers, and over what. */
export type UpstreamAddress = {
  readonly protocol: 'hdl+tcp' | 'hdl+udp' | 'http' | 'https'
  readonly host: string
  readonly port: number
}

const defaultPorts = { 'hdl+tcp': 2641, 'hdl+udp': 2641, http: 8000, https: 443 } as const

/** Reads `hdl+tcp://host:2641`, `hdl+udp://…`, `http://…` or `https://…`; undefined for anything else. */
export function parseUpstream(text: string): UpstreamAddress | undefined {
  const [, protocol = '', host = '', port] =
    /^(hdl\+tcp|hdl\+udp|https?):\/\/(\[[0-9a-fA-F:]+\]|[^\s/:]+)(?::(\d{1,5}))?\/?$/.exec(text) ?? []
  if (host === '') return undefined
  const known = protocol as UpstreamAddress['protocol']
  return { protocol: known, host: host.replace(/^\[|\]$/g, ''), port: Number(port ?? defaultPorts[known]) }
}

/** How logs, metrics and errors call it. */
export function upstreamName({ protocol, host, port }: UpstreamAddress): string {
  return `${protocol}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

const protocolOf = { TCP: 'hdl+tcp', UDP: 'hdl+udp', HTTP: 'http', HTTPS: 'https' } as const
/** One connection carries many requests, so it comes before one packet a request and before HTTP. */
const preference = ['TCP', 'HTTP', 'HTTPS', 'UDP'] as const

/** Where the servers of a site take queries, each by the transport that suits best. */
export function addressesOfSite({ servers }: SiteData): UpstreamAddress[] {
  return servers.flatMap(({ address, interfaces }) => {
    const queries = interfaces.filter(({ query }) => query)
    for (const transport of preference) {
      const found = queries.find(({ protocol }) => protocol === transport)
      if (found !== undefined) return [{ protocol: protocolOf[transport], host: address, port: found.port }]
    }
    return []
  })
}

/** Networks that a stranger's record must not lead this node into unless its operator says so (RFC 6890). */
const specialNetworks = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['224.0.0.0', 3],
  ['::', 128],
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const

/** Decides on the addresses that referrals name: public ones, and those of networks that the operator allows. */
export function referralGuard(allowed: readonly string[]): (host: string) => boolean {
  const refused = new BlockList()
  for (const [network, bits] of specialNetworks) refused.addSubnet(network, bits, familyOf(network))
  const permitted = new BlockList()
  for (const range of allowed) {
    const [network = '', bits = ''] = range.split('/')
    permitted.addSubnet(network, Number(bits), familyOf(network))
  }
  return (host) => {
    const version = isIP(host)
    if (version === 0) return false
    const family = version === 6 ? 'ipv6' : 'ipv4'
    return permitted.check(host, family) || !refused.check(host, family)
  }
}

/** Whether a text is a network such as 10.0.0.0/8. */
export function isNetwork(text: string): boolean {
  const [network = '', bits = '', ...rest] = text.split('/')
  const version = isIP(network)
  return (
    version !== 0 && rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 6 ? 128 : 32)
  )
}

function familyOf(network: string): 'ipv4' | 'ipv6' {
  return network.includes(':') ? 'ipv6' : 'ipv4'
}
