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
  readonly #sketch: FrequencySketch
  readonly #lists: SlotLists
  readonly #segmentOf: Uint8Array
  readonly #units = new Float64Array(3)
  /** Objects that the sketch can tell apart and that its sample is for. */
  #sketchObjects: number
  #additions = 0
  #residents = 0

  constructor(context: PolicyContext, parameters: { windowRatio: number; protectedRatio: number }) {
    const { capacity, slotsMax } = context
    this.#weights = context.weights
    this.#hashOf = context.hashOf
    const mainMax = Math.floor(capacity * (1 - parameters.windowRatio))
    this.#windowMax = capacity - mainMax
    this.#protectedMax = Math.floor(mainMax * parameters.protectedRatio)
    // Where bytes are counted nobody knows how many objects will fit: the sketch grows with them.
    this.#sketchObjects = context.weights === undefined ? capacity : Math.min(capacity, sketchObjectsFirst)
    this.#sketch = new FrequencySketch(this.#sketchObjects)
    this.#lists = new SlotLists(slotsMax, 3)
    this.#segmentOf = new Uint8Array(slotsMax)
  }

  onHit(slot: number): void {
    this.#count(slot)
    const segment = this.#segmentOf[slot] as number
    if (segment !== probation) {
      this.#lists.remove(slot)
      this.#lists.pushFront(segment, slot)
      return
    }
    this.#unlink(slot)
    this.#push(slot, protectedSegment)
    while (this.#unitsOf(protectedSegment) > this.#protectedMax) {
      this.#move(this.#lists.back(protectedSegment), probation)
    }
  }

  onMiss(slot: number): void {
    this.#count(slot)
  }

  onInsert(slot: number): void {
    this.#residents++
    while (this.#residents > this.#sketchObjects) {
      this.#sketchObjects *= 2
      this.#sketch.double()
    }
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
    this.#sketch.add(this.#hashOf(slot))
    this.#additions++
    if (this.#additions < additionsPerObject * this.#sketchObjects) return
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

const additionsPerObject = 10

const sketchObjectsFirst = 1024
