import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import type { Cache } from './cache/cache.ts'
import { StartupError } from './errors.ts'
import type { ResolvedRecord } from './resolved-record.ts'

export type InvalidationOptions = {
  readonly port: number
  readonly host: string
  /** `host:port` of the other nodes over the same store. */
  readonly peers: readonly string[]
}

/** Most bytes of keys in one datagram: what passes any network unfragmented. */
const datagramBytesMax = 1200

/**
 * Tells other nodes over one store which keys this one changed, by datagrams, and drops from the cache what they tell. A
 * datagram that is lost changes nothing that is promised: an answer is never older than `--cache-staleness`. Only those of the
 * peers named are read; what one of them could do wrong is to make the node read its store.
 */
export class Invalidation {
  readonly #socket: Socket
  readonly #peers: readonly Address[]
  #waiting: string[] = []
  #isTurnEndAwaited = false
  #isClosed = false
  #received = 0
  #sent = 0

  private constructor(socket: Socket, peers: readonly Address[]) {
    this.#socket = socket
    this.#peers = peers
  }

  /** @throws StartupError where the port cannot be bound or a peer's name is unknown. */
  static async open(options: InvalidationOptions, invalidate: (key: string) => void): Promise<Invalidation> {
    const peers = await Promise.all(options.peers.map(addressOf))
    const socket = createSocket(options.host.includes(':') ? 'udp6' : 'udp4')
    await bound(socket, options)
    const invalidation = new Invalidation(socket, peers)
    const allowed = new Set(peers.map(({ address }) => address))
    socket.on('message', (datagram, { address }) => {
      if (!allowed.has(address)) return
      for (const key of datagram.toString('utf8').split('\n')) {
        if (key === '') continue
        invalidation.#received++
        invalidate(key)
      }
    })
    // A peer that is down answers a datagram with an error, which says nothing of the others.
    socket.on('error', () => undefined)
    return invalidation
  }

  get received(): number {
    return this.#received
  }

  get sent(): number {
    return this.#sent
  }

  /** Tells all peers at the end of the turn, many keys in one datagram. */
  changed(key: string): void {
    this.#waiting.push(key)
    if (this.#isTurnEndAwaited) return
    this.#isTurnEndAwaited = true
    setImmediate(() => {
      this.#isTurnEndAwaited = false
      this.#send()
    })
  }

  close(): Promise<void> {
    this.#send()
    this.#isClosed = true
    return new Promise((resolve) => this.#socket.close(resolve))
  }

  #send(): void {
    const keys = this.#waiting
    this.#waiting = []
    // A write may end after the last answer was given up: the others learn of it when their entries grow stale.
    if (this.#isClosed) return
    for (const datagram of datagramsOf(keys)) {
      for (const { address, port } of this.#peers) this.#socket.send(datagram, port, address, () => undefined)
    }
    this.#sent += keys.length
  }
}

/** A cache that tells the other nodes what it was told to forget because this node changed it. */
export function tellingOthers(
  cache: Cache<ResolvedRecord>,
  invalidation: Pick<Invalidation, 'changed'>,
): Cache<ResolvedRecord> {
  return {
    lookup: (key) => cache.lookup(key),
    hit: (key, accepts) => cache.hit(key, accepts),
    epochOf: (key) => cache.epochOf(key),
    storeRecord: (key, value, facts) => cache.storeRecord(key, value, facts),
    storeAbsence: (key, facts) => cache.storeAbsence(key, facts),
    invalidate: (key) => {
      cache.invalidate(key)
      invalidation.changed(key)
    },
    statistics: () => cache.statistics(),
  }
}

type Address = { readonly address: string; readonly port: number }

function datagramsOf(keys: readonly string[]): string[] {
  const datagrams: string[] = []
  let text = ''
  for (const key of keys) {
    if (text !== '' && Buffer.byteLength(text) + Buffer.byteLength(key) + 1 > datagramBytesMax) {
      datagrams.push(text)
      text = ''
    }
    text += text === '' ? key : `\n${key}`
  }
  if (text !== '') datagrams.push(text)
  return datagrams
}

async function addressOf(peer: string): Promise<Address> {
  const colon = peer.lastIndexOf(':')
  const host = peer.slice(0, colon).replace(/^\[|\]$/g, '')
  try {
    const { address } = await lookup(host)
    return { address, port: Number(peer.slice(colon + 1)) }
  } catch (cause) {
    const problem = `--invalidation-peers has "${peer}"; expected a host that is known: ${String(cause)}`
    throw new StartupError('CONFIG_INVALID', problem, { cause })
  }
}

function bound(socket: Socket, { port, host }: InvalidationOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', (cause) => {
      socket.close()
      const problem = `--invalidation-port is "${port}"; expected a UDP port that is free: ${cause.message}`
      reject(new StartupError('ADDRESS_IN_USE', problem, { cause }))
    })
    socket.bind(port, host, () => {
      socket.removeAllListeners('error')
      resolve()
    })
  })
}
