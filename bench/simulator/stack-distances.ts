import type { DenseTrace } from '../workload/traces/dense-trace.ts'

/**
 * Tells for each request how many different objects were asked for since the last request for the same object, itself
 * included (Mattson, Gecsei, Slutz, Traiger 1970): an LRU cache of C objects hits where that is at most C. A Fenwick tree over
 * the order of last requests makes it O(n log m) for m objects; positions are renumbered when they run out, so that memory
 * depends on the objects alone.
 */
export class StackDistances {
  readonly #tree: Int32Array
  /** Position of each object's last request, 0 where it was not asked for or was forgotten. */
  readonly #positionOf: Int32Array
  /** The object at each position, plus one; 0 where that was not its last request. */
  readonly #objectAt: Int32Array
  #next = 1
  #live = 0

  constructor(objectsMax: number) {
    const positions = Math.max(2 * objectsMax, 16)
    this.#tree = new Int32Array(positions + 1)
    this.#objectAt = new Int32Array(positions + 1)
    this.#positionOf = new Int32Array(objectsMax)
  }

  /** The distance of a request for the object, 0 where it was never asked for. */
  request(object: number): number {
    if (this.#next === this.#tree.length) this.#renumber()
    const last = this.#positionOf[object] as number
    const distance = last === 0 ? 0 : this.#live - this.#countBefore(last)
    if (last !== 0) this.#clear(last)
    const position = this.#next++
    this.#positionOf[object] = position
    this.#objectAt[position] = object + 1
    this.#add(position, 1)
    this.#live++
    return distance
  }

  /** Takes an object out, as if it had never been asked for. */
  forget(object: number): void {
    const last = this.#positionOf[object] as number
    if (last === 0) return
    this.#clear(last)
    this.#positionOf[object] = 0
  }

  #clear(position: number): void {
    this.#objectAt[position] = 0
    this.#add(position, -1)
    this.#live--
  }

  #countBefore(position: number): number {
    const tree = this.#tree
    let count = 0
    for (let index = position - 1; index > 0; index &= index - 1) count += tree[index] as number
    return count
  }

  #add(position: number, change: number): void {
    const tree = this.#tree
    for (let index = position; index < tree.length; index += index & -index)
      tree[index] = (tree[index] as number) + change
  }

  #renumber(): void {
    const objectAt = this.#objectAt
    let position = 0
    for (let index = 1; index < objectAt.length; index++) {
      const object = objectAt[index] as number
      if (object === 0) continue
      objectAt[index] = 0
      objectAt[++position] = object
      this.#positionOf[object - 1] = position
    }
    this.#next = position + 1
    this.#rebuild(position)
  }

  /** A tree of `ones` marks at the beginning, in linear time. */
  #rebuild(ones: number): void {
    const tree = this.#tree
    for (let index = 1; index < tree.length; index++) {
      const from = index - (index & -index)
      tree[index] = Math.max(0, Math.min(index, ones) - from)
    }
  }
}

/** How many requests have each distance; at 0 those for objects that were not asked for before. */
export function distanceHistogram(trace: DenseTrace): Float64Array {
  const { requests, objects, objectOf } = trace
  const distances = new StackDistances(objects)
  const histogram = new Float64Array(objects + 1)
  for (let request = 0; request < requests; request++) {
    const distance = distances.request(objectOf[request] as number)
    histogram[distance] = (histogram[distance] as number) + 1
  }
  return histogram
}
