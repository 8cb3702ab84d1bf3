import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startNode } from '../node/node-process.ts'
import { bulkBody } from '../target/bulk-registration.ts'
import { basicAuthorization, handlePath } from '../target/handle-path.ts'
import { createRecordGenerator } from '../workload/record-generator.ts'
import type { Peer, RunningPeer } from './peer.ts'

/** Under which the handles of the comparison are. */
export const peerPrefix = '88.118'
const batch = 10_000

/** The handles that every side is asked for. */
export type AskedHandles = { readonly seed: number; readonly handles: number }

/** This package's node with one worker, holding the handles, so that each is a cached resolve after its first. */
export function nodePeer(name: string, options: NodePeerOptions): Peer {
  return { name, start: () => startNodePeer(name, options) }
}

type NodePeerOptions = AskedHandles & {
  readonly hotLane: 'on' | 'off'
  /** Where it speaks the native protocol too. */
  readonly wirePort?: number
  /** Threads that serve; one unless given. */
  readonly workers?: number
  /** What the node is started through, such as `taskset …`. */
  readonly startedThrough?: readonly string[]
}

async function startNodePeer(name: string, options: NodePeerOptions): Promise<RunningPeer> {
  const directory = await mkdtemp(join(tmpdir(), 'erji-peers-'))
  const secretFile = join(directory, 'secret')
  const workers = options.workers ?? 1
  const node = await startNode({
    dataDirectory: join(directory, 'data'),
    secretFile,
    prefix: peerPrefix,
    durability: 'os',
    cacheBytes: '512MiB',
    environment: {
      ERJI_HOT_LANE: options.hotLane,
      ERJI_WORKERS: String(workers),
      ERJI_LOG_LEVEL: 'info',
      ...(options.wirePort === undefined ? {} : { ERJI_WIRE_PORT: String(options.wirePort) }),
    },
    startedThrough: options.startedThrough ?? [],
    runtimeArguments: (process.env.ERJI_PEER_RUNTIME_ARGUMENTS ?? '').split(' ').filter(Boolean),
  })
  const stop = async (): Promise<void> => {
    await node.stop()
    await rm(directory, { recursive: true, force: true })
  }
  try {
    await registerHandles(node.url, { ...options, secretFile })
  } catch (error) {
    await stop()
    throw error
  }
  const about = `${workers === 1 ? 'one worker' : `${workers} workers`}, ${options.handles} handles, hot lane ${options.hotLane}`
  return { name, url: node.url, pids: [node.pid], about, stop }
}

async function registerHandles(url: string, options: AskedHandles & { secretFile: string }): Promise<void> {
  const generator = createRecordGenerator({ prefix: peerPrefix, seed: options.seed })
  const authorization = basicAuthorization({
    user: `300:${peerPrefix}/ADMIN`,
    secret: readFileSync(options.secretFile, 'utf8').trim(),
  })
  for (let first = 0; first < options.handles; first += batch) {
    const count = Math.min(batch, options.handles - first)
    const records = Array.from({ length: count }, (_, index) => generator.recordOf(first + index, 0))
    const answer = await fetch(`${url}/api/registrations`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/x-ndjson' },
      body: bulkBody(records),
    })
    const lines = (await answer.text()).match(/"responseCode":1,/g)?.length ?? 0
    if (lines !== count)
      throw new Error(`only ${lines} of ${count} records were registered (status ${answer.status})`)
  }
}

/** The path of one of the handles, as the Handle HTTP API has it. */
export function pathOf(ordinal: number, { seed }: AskedHandles): string {
  return handlePath(createRecordGenerator({ prefix: peerPrefix, seed }).handleOf(ordinal))
}

/** Writes the wrk script that asks for the handles in an order without locality, the same for every side. */
export async function writeCachedScript(
  directory: string,
  asked: AskedHandles & { readonly query?: string },
): Promise<string> {
  const generator = createRecordGenerator({ prefix: peerPrefix, seed: asked.seed })
  const paths = Array.from({ length: asked.handles }, (_, ordinal) => handlePath(generator.handleOf(ordinal)))
  const file = join(directory, `cached${asked.query === undefined ? '' : '-query'}.lua`)
  // A stride that shares no factor with the count visits every handle before any comes again.
  await writeFile(
    file,
    `local requests = {}
local next = 0
init = function()
  for path in string.gmatch([[${paths.join('\n')}]], "%S+") do requests[#requests + 1] = wrk.format("GET", path .. "${asked.query ?? ''}") end
end
request = function()
  next = (next + 7919) % #requests
  return requests[next + 1]
end
`,
  )
  return file
}

/** Writes the wrk script that asks for a handle that nobody asked for before, each time. */
export async function writeAbsentScript(directory: string, { seed }: AskedHandles): Promise<string> {
  const file = join(directory, 'absent.lua')
  await writeFile(
    file,
    `local count = 0
local run = 0
init = function() run = os.time() end
request = function()
  count = count + 1
  return "GET /api/handles/${peerPrefix}/absent-${seed}-" .. run .. "-" .. count .. " HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n"
end
`,
  )
  return file
}
