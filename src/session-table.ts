import { randomBytes } from 'node:crypto'

/** What is kept of a session: who it is (undefined once it was ended) and the digest of the key that proved it. */
export type SessionEntry = {
  readonly untilSeconds: number
  readonly holder: string | undefined
  readonly keyDigest: Uint8Array
}

export const sessionIdBytes = 16
export const keyDigestBytes = 32

/** Memory for the sessions of one node, with a random key that makes its session names unforgeable. */
export function newSessionMemory(): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(slotsAt + slotsMax * slotBytes)
  new Uint8Array(memory, keyAt, keyBytes).set(randomBytes(keyBytes))
  return memory
}

/**
 * Who is signed in, in memory that all threads of a node share: whichever of them a client's next request reaches knows
 * it at once. A set-associative table: a full set gives up the session that ends first.
 */
export class SessionTable {
  readonly key: Buffer
  readonly #lock: Int32Array
  readonly #bytes: Buffer

  constructor(memory: SharedArrayBuffer) {
    this.key = Buffer.from(memory, keyAt, keyBytes)
    this.#lock = new Int32Array(memory, 0, 1)
    this.#bytes = Buffer.from(memory, slotsAt)
  }

  get(id: Uint8Array, nowSeconds: number): SessionEntry | undefined {
    return this.#locked(() => {
      const slot = this.#slotsOf(id).find((one) => this.#holds(one, id))
      const entry = slot === undefined ? undefined : this.#read(slot)
      return entry !== undefined && entry.untilSeconds > nowSeconds ? entry : undefined
    })
  }

  put(id: Uint8Array, entry: SessionEntry): void {
    this.#locked(() => {
      const slots = this.#slotsOf(id)
      const own = slots.find((slot) => this.#holds(slot, id))
      this.#write(own ?? this.#endingFirst(slots), id, entry)
    })
  }

  #slotsOf(id: Uint8Array): number[] {
    const home = new DataView(id.buffer, id.byteOffset).getUint32(id.length - 4)
    return Array.from({ length: slotsASet }, (_, step) => ((home + step) % slotsMax) * slotBytes)
  }

  #holds(slot: number, id: Uint8Array): boolean {
    return this.#bytes.compare(id, 0, sessionIdBytes, slot, slot + sessionIdBytes) === 0
  }

  #endingFirst(slots: readonly number[]): number {
    const until = (slot: number): number => this.#bytes.readUInt32LE(slot + untilAt)
    return slots.reduce((first, slot) => (until(slot) < until(first) ? slot : first))
  }

  #read(slot: number): SessionEntry {
    const length = this.#bytes.readUInt32LE(slot + lengthAt)
    const digest = this.#bytes.subarray(slot + digestAt, slot + digestAt + keyDigestBytes)
    return {
      untilSeconds: this.#bytes.readUInt32LE(slot + untilAt),
      holder:
        length === 0 ? undefined : this.#bytes.toString('utf8', slot + holderAt, slot + holderAt + length),
      keyDigest: Uint8Array.from(digest),
    }
  }

  #write(slot: number, id: Uint8Array, { untilSeconds, holder = '', keyDigest }: SessionEntry): void {
    this.#bytes.set(id, slot)
    this.#bytes.writeUInt32LE(untilSeconds, slot + untilAt)
    this.#bytes.writeUInt32LE(Buffer.byteLength(holder), slot + lengthAt)
    this.#bytes.set(keyDigest, slot + digestAt)
    this.#bytes.write(holder, slot + holderAt, 'utf8')
  }

  #locked<Result>(action: () => Result): Result {
    // A thread that died inside would keep it for ever: after a second nobody is there any more.
    for (let waits = 0; waits < 1000 && Atomics.compareExchange(this.#lock, 0, 0, 1) !== 0; waits++) {
      Atomics.wait(this.#lock, 0, 1, 1)
    }
    try {
      return action()
    } finally {
      Atomics.store(this.#lock, 0, 0)
      Atomics.notify(this.#lock, 0)
    }
  }
}

const keyAt = 32
const keyBytes = 32
const slotsAt = 64
const slotsMax = 1024
const slotsASet = 16
const untilAt = sessionIdBytes
const lengthAt = untilAt + 4
const digestAt = lengthAt + 4
const holderAt = digestAt + keyDigestBytes
/** `index:handle`, the handle as long as the protocol lets it be. */
const holderBytesMax = 11 + 2048
const slotBytes = Math.ceil((holderAt + holderBytesMax) / 8) * 8
