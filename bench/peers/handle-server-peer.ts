import { readFileSync } from 'node:fs'
import { basicAuthorization, handlePath } from '../target/handle-path.ts'
import { createRecordGenerator } from '../workload/record-generator.ts'
import { type AskedHandles, peerPrefix } from './node-peer.ts'
import type { Peer, RunningPeer } from './peer.ts'

export type HandleServerOptions = AskedHandles & {
  readonly url: string
  /** Who may register there, such as `300:88.118/ADMIN`, and the file with the secret; without it nothing is registered. */
  readonly user: string
  readonly secretFile: string | undefined
}

const concurrency = 16

/** Any running Handle server; its CPU time is not known here. Registers what it lacks, one PUT a handle, where it may. */
export function handleServerPeer(options: HandleServerOptions): Peer {
  return { name: options.url, start: () => join(options) }
}

async function join(options: HandleServerOptions): Promise<RunningPeer | { skippedBecause: string }> {
  const { url, handles, seed, secretFile } = options
  const generator = createRecordGenerator({ prefix: peerPrefix, seed })
  const holds = async (ordinal: number): Promise<boolean> =>
    (await fetch(url + handlePath(generator.handleOf(ordinal)))).ok
  try {
    if (!(await holds(0)) || !(await holds(handles - 1))) {
      if (secretFile === undefined) {
        return {
          skippedBecause: `${url} does not hold the ${handles} handles of seed ${seed} under ${peerPrefix}; name --peer-secret-file, or load them`,
        }
      }
      await register(options, readFileSync(secretFile, 'utf8').trim())
    }
  } catch (error) {
    return { skippedBecause: `${url}: ${error instanceof Error ? error.message : String(error)}` }
  }
  const about = `${handles} handles, CPU time unknown`
  return { name: url, url, pids: [], about, stop: async () => undefined }
}

async function register({ url, user, handles, seed }: HandleServerOptions, secret: string): Promise<void> {
  const generator = createRecordGenerator({ prefix: peerPrefix, seed })
  const headers = { authorization: basicAuthorization({ user, secret }), 'content-type': 'application/json' }
  let next = 0
  const work = async (): Promise<void> => {
    while (next < handles) {
      const { handle, valuesJson } = generator.recordOf(next++, 0)
      const answer = await fetch(url + handlePath(handle), { method: 'PUT', headers, body: valuesJson })
      await answer.arrayBuffer()
      if (!answer.ok) throw new Error(`registering ${handle} was answered with ${answer.status}`)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
}
