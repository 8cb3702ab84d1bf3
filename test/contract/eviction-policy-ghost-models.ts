import type { PolicyStep } from '../support/policy-core.ts'
import {
  drop,
  type Entry,
  moveToEnd,
  newEntry,
  type PolicyModel,
  remember,
  sum,
} from './eviction-policy-model.ts'

/** 2Q with its queue of arrivals, its main list and its ghosts. */
export class TwoQModel implements PolicyModel {
  readonly #arrivals: Entry[] = []
  readonly #main: Entry[] = []
  readonly #ghosts: Entry[] = []
  readonly #capacity: number
  readonly #arrivalMax: number

  constructor(capacity: number) {
    this.#capacity = capacity
    this.#arrivalMax = Math.floor(capacity / 4)
  }

  apply({ object, weight, remove }: PolicyStep): boolean {
    const arrived = this.#arrivals.find((entry) => entry.object === object)
    const main = this.#main.find((entry) => entry.object === object)
    if (remove) {
      drop(this.#arrivals, arrived)
      drop(this.#main, main)
      return (arrived ?? main) !== undefined
    }
    if (main !== undefined) moveToEnd(main, this.#main)
    if (main !== undefined || arrived !== undefined) return true
    const ghost = this.#ghosts.find((entry) => entry.object === object)
    drop(this.#ghosts, ghost)
    if (weight > this.#arrivalMax) return false
    while (sum(this.#arrivals) + sum(this.#main) + weight > this.#capacity) this.#evict()
    if (ghost === undefined) {
      this.#arrivals.push(newEntry(object, weight))
      return false
    }
    while (sum(this.#main) + weight > this.#capacity - this.#arrivalMax) this.#main.shift()
    this.#main.push(newEntry(object, weight))
    return false
  }

  #evict(): void {
    if (this.#main.length > 0 && sum(this.#arrivals) <= this.#arrivalMax) {
      this.#main.shift()
      return
    }
    remember(this.#ghosts, this.#arrivals.shift(), Math.floor(this.#capacity / 2))
  }
}

/** S3-FIFO as libCacheSim 0.3.5 has it. */
export class S3FifoModel implements PolicyModel {
  readonly #small: Entry[] = []
  readonly #main: Entry[] = []
  readonly #ghosts: Entry[] = []
  readonly #capacity: number
  readonly #smallMax: number
  #hasEvicted = false

  constructor(capacity: number) {
    this.#capacity = capacity
    this.#smallMax = Math.floor(capacity * 0.1)
  }

  apply({ object, weight, remove }: PolicyStep): boolean {
    const found = [...this.#small, ...this.#main].find((entry) => entry.object === object)
    if (remove) {
      drop(this.#small, found)
      drop(this.#main, found)
      return found !== undefined
    }
    if (found !== undefined) {
      found.uses++
      return true
    }
    const ghost = this.#ghosts.find((entry) => entry.object === object)
    drop(this.#ghosts, ghost)
    if (weight > this.#smallMax) return false
    while (sum(this.#small) + sum(this.#main) + weight > this.#capacity) this.#evict()
    const entry = { ...newEntry(object, weight), uses: 0 }
    const overflows = !this.#hasEvicted && sum(this.#small) >= this.#smallMax
    if (ghost !== undefined) this.#main.push(entry)
    else if (weight < this.#smallMax) (overflows ? this.#main : this.#small).push(entry)
    return false
  }

  #evict(): void {
    this.#hasEvicted = true
    const fromMain = this.#small.length === 0 || sum(this.#main) > this.#capacity - this.#smallMax
    if (fromMain) {
      for (;;) {
        const last = this.#main.shift()
        if (last === undefined || last.uses === 0) return
        last.uses = Math.min(last.uses, 3) - 1
        this.#main.push(last)
      }
    }
    for (let last = this.#small.shift(); last !== undefined; last = this.#small.shift()) {
      if (last.uses < 2) {
        remember(this.#ghosts, last, Math.floor(this.#capacity * 0.9))
        return
      }
      last.uses = 0
      this.#main.push(last)
    }
  }
}
