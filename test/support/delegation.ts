import type { Answer } from './ask.ts'
import type { MemoryNode } from './memory-node.ts'

/** One server of a site as JSON: where it takes queries. */
export type QueryInterface = {
  readonly address: string
  readonly protocol: 'TCP' | 'UDP' | 'HTTP' | 'HTTPS'
  readonly port: number
}

/** A site value as JSON whose servers take queries at these addresses. */
export function siteValue(type: 'HS_SITE' | 'HS_SITE.PREFIX', at: readonly QueryInterface[]) {
  const value = {
    version: 1,
    protocolVersion: '2.11',
    serialNumber: 1,
    primarySite: true,
    multiPrimary: false,
    hashOption: 'all',
    attributes: [],
    servers: at.map(({ address, protocol, port }, place) => ({
      serverId: place + 1,
      address,
      interfaces: [{ query: true, admin: false, protocol, port }],
    })),
  }
  return { index: 1, type, data: { format: 'site', value } }
}

/** Delegates a prefix at a node, by every step from its application on. @throws Error unless each is taken. */
export async function delegate(node: MemoryNode, prefix: string, values: readonly unknown[]): Promise<void> {
  const details = { enterprise: 'E', contact: 'C' }
  for (const [action, body] of [
    ['apply', details],
    ['approve', {}],
    ['delegate', { values }],
  ] as const) {
    const answer: Answer = await node.administer(`/api/prefixes/${prefix}/${action}`, {
      method: 'POST',
      body,
    })
    if (answer.status !== 200) throw new Error(`${action} of ${prefix}: ${answer.status} ${answer.text}`)
  }
}
