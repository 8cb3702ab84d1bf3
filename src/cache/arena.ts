import { assert } from '../support/assert.ts'

/**
 * Bytes of entries outside the garbage-collected heap: appended to segments one after another, and moved together when an
 * eighth of what lives is dead. An entry starts with its slot, so that a segment can be read from its beginning and each entry
 * found to be where its slot says, or dead. Nothing handed out may be kept beyond the turn: entries move and segments are reused.
 */
export class Arena {
  readonly #segmentBytes: number
  readonly #segments: (Segment | undefined)[] = []
  readonly #unusedNumbers: number[] = []
  readonly #spare: Buffer[] = []
  readonly #segmentOf: Int32Array
  readonly #offsetOf: Uint32Array
  #head = noSegment
  #liveBytes = 0
  #heldBytes = 0

  constructor(options: { slotsMax: number; bytesMax: number }) {
    this.#segmentBytes = clampedPowerOfTwo(options.bytesMax / segmentsAimedAt)
    this.#segmentOf = new Int32Array(options.slotsMax)
    this.#offsetOf = new Uint32Array(options.slotsMax)
  }

  /** Bytes of entries, without what is dead. */
  get liveBytes(): number {
    return this.#liveBytes
  }

  /** Bytes of all segments, used or not. */
  get heldBytes(): number {
    return this.#heldBytes + this.#spare.length * this.#segmentBytes
  }

  /** The segment in which a slot's entry lies; valid until the next allocation. */
  segmentOf(slot: number): Buffer {
    return this.#segmentAt((this.#segmentOf[slot] as number) - 1).bytes
  }

  /** Where in its segment the entry's own bytes start. */
  startOf(slot: number): number {
    return (this.#offsetOf[slot] as number) + entryHeaderBytes
  }

  /** Makes room for the entry of a slot that has none. */
  allocate(slot: number, bytes: number): void {
    const entryBytes = entryBytesFor(bytes)
    if (entryBytes * 4 > this.#segmentBytes) {
      this.#append(slot, entryBytes, this.#openSegment(Buffer.allocUnsafeSlow(entryBytes), { isLarge: true }))
      return
    }
    this.#append(slot, entryBytes, this.#headWithRoom(entryBytes))
    while (this.#deadBytes() > this.#liveBytes / 8 + 2 * this.#segmentBytes) {
      if (!this.#compactSparsest()) break
    }
  }

  /** Gives up the entry of a slot. */
  release(slot: number): void {
    const number = (this.#segmentOf[slot] as number) - 1
    const segment = this.#segmentAt(number)
    const entryBytes = segment.words[((this.#offsetOf[slot] as number) >>> 2) + 1] as number
    this.#segmentOf[slot] = 0
    segment.liveBytes -= entryBytes
    this.#liveBytes -= entryBytes
    if (segment.liveBytes === 0 && number !== this.#head) this.#close(number)
  }

  #append(slot: number, entryBytes: number, number: number): void {
    const segment = this.#segmentAt(number)
    const offset = segment.usedBytes
    segment.words[offset >>> 2] = slot
    segment.words[(offset >>> 2) + 1] = entryBytes
    segment.usedBytes += entryBytes
    segment.liveBytes += entryBytes
    this.#liveBytes += entryBytes
    this.#segmentOf[slot] = number + 1
    this.#offsetOf[slot] = offset
  }

  #headWithRoom(entryBytes: number): number {
    const head = this.#head
    if (head !== noSegment && this.#segmentAt(head).usedBytes + entryBytes <= this.#segmentBytes) return head
    const bytes = this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#segmentBytes)
    this.#head = this.#openSegment(bytes, { isLarge: false })
    if (head !== noSegment && this.#segmentAt(head).liveBytes === 0) this.#close(head)
    return this.#head
  }

  #openSegment(bytes: Buffer, { isLarge }: { isLarge: boolean }): number {
    const number = this.#unusedNumbers.pop() ?? this.#segments.length
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2)
    this.#segments[number] = { bytes, words, isLarge, usedBytes: 0, liveBytes: 0 }
    this.#heldBytes += bytes.length
    return number
  }

  #close(number: number): void {
    const segment = this.#segmentAt(number)
    this.#segments[number] = undefined
    this.#unusedNumbers.push(number)
    this.#heldBytes -= segment.bytes.length
    if (!segment.isLarge && this.#spare.length < sparesMax) this.#spare.push(segment.bytes)
  }

  /** What is held and not live, but for the head's room, which is still to be used. */
  #deadBytes(): number {
    const head = this.#segmentAt(this.#head)
    return this.#heldBytes - this.#liveBytes - (this.#segmentBytes - head.usedBytes)
  }

  #compactSparsest(): boolean {
    const number = this.#sparsest()
    if (number === noSegment) return false
    const segment = this.#segmentAt(number)
    const { bytes, words, usedBytes } = segment
    for (let offset = 0; offset < usedBytes; ) {
      const slot = words[offset >>> 2] as number
      const entryBytes = words[(offset >>> 2) + 1] as number
      if (this.#segmentOf[slot] === number + 1 && this.#offsetOf[slot] === offset) {
        segment.liveBytes -= entryBytes
        this.#liveBytes -= entryBytes
        this.#append(slot, entryBytes, this.#headWithRoom(entryBytes))
        bytes.copy(this.segmentOf(slot), this.startOf(slot), offset + entryHeaderBytes, offset + entryBytes)
      }
      offset += entryBytes
    }
    this.#close(number)
    return true
  }

  #sparsest(): number {
    let sparsest = noSegment
    let mostDead = 0
    for (let number = 0; number < this.#segments.length; number++) {
      const segment = this.#segments[number]
      if (segment === undefined || segment.isLarge || number === this.#head) continue
      const dead = this.#segmentBytes - segment.liveBytes
      if (dead <= mostDead) continue
      sparsest = number
      mostDead = dead
    }
    return sparsest
  }

  #segmentAt(number: number): Segment {
    const segment = this.#segments[number]
    assert(segment !== undefined, 'an entry lies in a segment that is open')
    return segment
  }
}

/** Bytes that an entry takes in its segment. */
export function entryBytesFor(bytes: number): number {
  return (bytes + entryHeaderBytes + 7) & ~7
}

type Segment = {
  readonly bytes: Buffer
  readonly words: Uint32Array
  readonly isLarge: boolean
  usedBytes: number
  liveBytes: number
}

const noSegment = -1
const entryHeaderBytes = 8

// So many that what is open or spare is a small part of the bound, within sizes that copy in well under a millisecond.
const segmentsAimedAt = 256
const segmentBytesMin = 2 ** 14
const segmentBytesMax = 2 ** 20
const sparesMax = 2

function clampedPowerOfTwo(bytes: number): number {
  const power = 2 ** Math.floor(Math.log2(Math.max(bytes, 1)))
  return Math.min(Math.max(power, segmentBytesMin), segmentBytesMax)
}
