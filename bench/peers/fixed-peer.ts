import { fileURLToPath } from 'node:url'
import { listeningUrl } from '../node/node-process.ts'
import type { Peer } from './peer.ts'
import { spawnServer } from './spawned.ts'

const program = fileURLToPath(
  new URL(`./fixed-server${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url),
)

/** A server of this runtime that answers the given body to everything, in a process of its own. */
export function fixedPeer(kind: 'node:http' | 'fastify', options: { readonly body: string }): Peer {
  return {
    name: kind,
    start: async () => {
      const ready = { line: (line: string): boolean => listeningUrl(line) !== undefined }
      const spawned = await spawnServer(process.execPath, [program, kind, options.body], ready)
      const url = spawned.lines.map(listeningUrl).find((found) => found !== undefined) ?? ''
      const about = `fixed body of ${Buffer.byteLength(options.body)} bytes`
      return { name: kind, url, pids: [spawned.pid], about, stop: spawned.stop }
    },
  }
}
