import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { request } from 'undici'
import type { Clock } from '../../src/support/clock.ts'
import { loadDirectly } from '../direct-load/direct-load.ts'
import { type NodeProcess, startNode } from '../node/node-process.ts'
import { basicAuthorization } from '../target/handle-path.ts'
import type { TreePlace } from './tree-places.ts'

/** A node of the tree as a running process. */
export type TreeNode = {
  readonly place: TreePlace
  readonly process: NodeProcess
  readonly wirePort: number
  readonly authorization: string
}

/** Writes a node's identifiers into its data directory, before it starts. */
export async function loadPlace(
  place: TreePlace,
  parts: {
    readonly directory: string
    readonly seed: number
    readonly clock: Clock
    readonly signal: AbortSignal
    readonly stream: NodeJS.WriteStream
  },
): Promise<number> {
  const { directory, seed, ...rest } = parts
  const { storeBytesPerRecord } = await loadDirectly({
    ...rest,
    directory: dataOf(directory, place),
    identifiers: place.identifiers,
    records: { seed, prefix: place.prefix, toleratesAddedAdmin: true },
    secretFile: secretOf(directory, place),
    sample: 10,
  })
  return storeBytesPerRecord
}

/** Starts a node at its own loopback address, listening for HTTP and the native protocol. */
export async function startPlace(
  place: TreePlace,
  parts: { readonly directory: string; readonly settings?: Readonly<Record<string, string>> },
): Promise<TreeNode> {
  const wirePort = await freePort(place.host)
  const secretFile = secretOf(parts.directory, place)
  const process = await startNode({
    dataDirectory: dataOf(parts.directory, place),
    secretFile,
    prefix: place.prefix,
    durability: 'os',
    cacheBytes: place.role === 'recursive' ? '64MiB' : '16MiB',
    nodeWorkers: 1,
    settings: {
      host: place.host,
      'wire-port': String(wirePort),
      'store-write-buffer-bytes': '4MiB',
      'store-block-cache-bytes': '8MiB',
      'store-reserve-bytes': '0B',
      ...parts.settings,
    },
  })
  const secret = readFileSync(secretFile, 'utf8').trim()
  const authorization = basicAuthorization({ user: `300:${place.prefix}/ADMIN`, secret })
  return { place, process, wirePort, authorization }
}

/** Gives a prefix to another node: application, approval and delegation, as its administrators would. */
export async function delegate(
  superior: TreeNode,
  inferior: TreeNode,
  transport: 'tcp' | 'http',
): Promise<void> {
  const { prefix, name } = inferior.place
  const steps = [
    ['apply', { enterprise: name, contact: `${prefix}@example.org` }],
    ['approve', {}],
    ['delegate', { values: [siteOf(inferior, transport)] }],
  ] as const
  for (const [action, content] of steps) {
    const url = `${superior.process.url}/api/prefixes/${prefix}/${action}`
    const { statusCode, body } = await request(url, {
      method: 'POST',
      headers: { authorization: superior.authorization, 'content-type': 'application/json' },
      body: JSON.stringify(content),
    })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`${superior.place.name} refused to ${action} ${prefix}: ${text}`)
  }
}

/** How the recursive node is told where the top node is. */
export function upstreamOf({ process, place, wirePort }: TreeNode, transport: 'tcp' | 'http'): string {
  return transport === 'http' ? process.url : `hdl+tcp://${place.host}:${wirePort}`
}

function siteOf({ place, process, wirePort }: TreeNode, transport: 'tcp' | 'http'): object {
  const port = transport === 'http' ? Number(new URL(process.url).port) : wirePort
  const value = {
    version: 1,
    protocolVersion: '2.11',
    serialNumber: 1,
    primarySite: true,
    multiPrimary: false,
    hashOption: 'all',
    attributes: [],
    servers: [
      {
        serverId: 1,
        address: place.host,
        interfaces: [{ query: true, admin: false, protocol: transport.toUpperCase(), port }],
      },
    ],
  }
  return { index: 1, type: 'HS_SITE.PREFIX', data: { format: 'site', value } }
}

function dataOf(directory: string, place: TreePlace): string {
  return join(directory, place.prefix, 'data')
}

function secretOf(directory: string, place: TreePlace): string {
  return join(directory, `${place.prefix}.secret`)
}

function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, host, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
