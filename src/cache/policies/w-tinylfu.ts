import { FrequencySketch } from '../frequency-sketch.ts'
import { type EvictionPolicy, type PolicyContext, weightOf } from '../policy.ts'
import { noSlot, SlotLists } from '../slot-lists.ts'

/**
 * W-TinyLFU (Einziger, Friedman, Manes, ACM Transactions on Storage 2017): newcomers pass through a small LRU window; who
 * leaves it enters the main segmented LRU only if a sketch has seen it more often than the main one's next victim.
 */
export class WTinyLfu implements EvictionPolicy {
  readonly #weights: Uint32Array | undefined
  readonly #hashOf: (slot: number) => number
  readonly #windowMax: number
  readonly #protectedMax: number
  readonly #additionsFloor: number
  readonly #sketch: FrequencySketch
  readonly #lists: SlotLists
  readonly #segmentOf: Uint8Array
  readonly #units = new Float64Array(3)
  #additions = 0
  #residents = 0
  #residentsPeak = 0

  constructor(context: PolicyContext, parameters: { windowRatio: number; protectedRatio: number }) {
    const { capacity, slotsMax } = context
    this.#weights = context.weights
    this.#hashOf = context.hashOf
    const mainMax = Math.floor(capacity * (1 - parameters.windowRatio))
    this.#windowMax = capacity - mainMax
    this.#protectedMax = Math.floor(mainMax * parameters.protectedRatio)
    this.#sketch = new FrequencySketch(Math.min(capacity, slotsMax))
    this.#additionsFloor = context.weights === undefined ? capacity : Math.min(capacity, residentsFloor)
    this.#lists = new SlotLists(slotsMax, 3)
    this.#segmentOf = new Uint8Array(slotsMax)
  }

  onHit(slot: number): void {
    this.#count(slot)
    const segment = this.#segmentOf[slot] as number
    this.#unlink(slot)
    this.#push(slot, segment === windowSegment ? windowSegment : protectedSegment)
    while (this.#unitsOf(protectedSegment) > this.#protectedMax) {
      this.#move(this.#lists.back(protectedSegment), probation)
    }
  }

  onMiss(slot: number): void {
    this.#count(slot)
  }

  onInsert(slot: number): void {
    this.#residents++
    if (this.#residents > this.#residentsPeak) this.#residentsPeak = this.#residents
    this.#push(slot, windowSegment)
    while (this.#unitsOf(windowSegment) > this.#windowMax) {
      this.#move(this.#lists.back(windowSegment), probation)
    }
  }

  evict(): number {
    const loser = this.#loser()
    this.onRemove(loser)
    return loser
  }

  onRemove(slot: number): void {
    this.#residents--
    this.#unlink(slot)
  }

  /** The window's last against the main cache's next victim: the latter stays unless the former was seen more often. */
  #loser(): number {
    const candidate = this.#lists.back(windowSegment)
    const onProbation = this.#lists.back(probation)
    const victim = onProbation === noSlot ? this.#lists.back(protectedSegment) : onProbation
    if (candidate === noSlot) return victim
    if (victim === noSlot) return candidate
    const isBetter =
      this.#sketch.estimate(this.#hashOf(candidate)) > this.#sketch.estimate(this.#hashOf(victim))
    if (!isBetter) return candidate
    this.#move(candidate, probation)
    return victim
  }

  #count(slot: number): void {
    if (!this.#sketch.add(this.#hashOf(slot))) return
    this.#additions++
    if (this.#additions < additionsPerResident * Math.max(this.#residentsPeak, this.#additionsFloor)) return
    this.#sketch.halve()
    this.#additions >>>= 1
  }

  #move(slot: number, segment: number): void {
    this.#unlink(slot)
    this.#push(slot, segment)
  }

  #push(slot: number, segment: number): void {
    this.#segmentOf[slot] = segment
    this.#units[segment] = this.#unitsOf(segment) + weightOf(this.#weights, slot)
    this.#lists.pushFront(segment, slot)
  }

  #unlink(slot: number): void {
    const segment = this.#segmentOf[slot] as number
    this.#lists.remove(slot)
    this.#units[segment] = this.#unitsOf(segment) - weightOf(this.#weights, slot)
  }

  #unitsOf(segment: number): number {
    return this.#units[segment] as number
  }
}

const windowSegment = 0
const probation = 1
const protectedSegment = 2

const additionsPerResident = 1

// Where bytes are counted nobody knows how many objects will fit: until there are as many, the sample is for this many.
const residentsFloor = 1024
