import type { PolicyStep } from '../support/policy-core.ts'
import { S3FifoModel, TwoQModel } from './eviction-policy-ghost-models.ts'
import { drop, type Entry, moveToEnd, newEntry, type PolicyModel, sum } from './eviction-policy-model.ts'

/** A model for each policy whose answers are determined by its description alone. */
export const policyModels: Readonly<Record<string, (capacity: number) => PolicyModel>> = {
  fifo: (capacity) => new QueueModel(capacity, { hit: () => undefined, victim: first }),
  lru: (capacity) => new QueueModel(capacity, { hit: moveToEnd, victim: first }),
  clock: (capacity) => new QueueModel(capacity, { hit: mark, victim: firstUnmarked }),
  lfu: (capacity) =>
    new QueueModel(capacity, { hit: moveToEnd, victim: (queue) => least(queue, ({ uses }) => uses) }),
  'lru-2': (capacity) =>
    new QueueModel(capacity, {
      hit: () => undefined,
      victim: (queue) => least(queue, ({ times }) => times.at(-2) ?? Number.NEGATIVE_INFINITY),
    }),
  'lfu-da': agingModel(({ uses }) => uses, { competes: false }),
  gdsf: agingModel(({ uses, weight }) => (uses * 1e6) / weight, { competes: true }),
  sieve: (capacity) => new SieveModel(capacity),
  '2q': (capacity) => new TwoQModel(capacity),
  's3-fifo': (capacity) => new S3FifoModel(capacity),
}

function first(queue: Entry[]): Entry | undefined {
  return queue[0]
}

function mark(entry: Entry): void {
  entry.mark = 1
}

function firstUnmarked(queue: Entry[]): Entry | undefined {
  for (let entry = queue[0]; entry !== undefined; entry = queue[0]) {
    if (entry.mark === 0) return entry
    entry.mark = 0
    moveToEnd(entry, queue)
  }
  return undefined
}

/** The earliest in the queue of those with the least worth. */
function least(queue: readonly Entry[], worth: (entry: Entry) => number): Entry | undefined {
  const lowest = Math.min(...queue.map(worth))
  return queue.find((entry) => worth(entry) === lowest)
}

function agingModel(
  worth: (entry: Entry) => number,
  { competes }: { readonly competes: boolean },
): (capacity: number) => PolicyModel {
  return (capacity) => {
    let age = 0
    const worths = new Map<Entry, number>()
    const refresh = (entry: Entry): void => void worths.set(entry, age + worth(entry))
    return new QueueModel(capacity, {
      competes,
      hit: (entry, queue) => {
        refresh(entry)
        moveToEnd(entry, queue)
      },
      arrive: refresh,
      victim: (queue) => {
        const victim = least(queue, (entry) => worths.get(entry) ?? 0)
        if (victim !== undefined) age = worths.get(victim) ?? 0
        return victim
      },
    })
  }
}

type QueueRules = {
  readonly hit: (entry: Entry, queue: Entry[]) => void
  readonly arrive?: (entry: Entry) => void
  readonly victim: (queue: Entry[]) => Entry | undefined
  /** Whether the newcomer is in before room is made, so that it may be who leaves. */
  readonly competes?: boolean
}

/** One queue, the oldest first, with what a hit does to it and who leaves. */
class QueueModel implements PolicyModel {
  readonly queue: Entry[] = []
  readonly #capacity: number
  readonly #rules: QueueRules
  #time = 0

  constructor(capacity: number, rules: QueueRules) {
    this.#capacity = capacity
    this.#rules = rules
  }

  apply({ object, weight, remove }: PolicyStep): boolean {
    const found = this.queue.find((entry) => entry.object === object)
    if (remove) {
      drop(this.queue, found)
      return found !== undefined
    }
    this.#time++
    if (found !== undefined) {
      found.uses++
      found.times.push(this.#time)
      this.#rules.hit(found, this.queue)
      return true
    }
    if (weight > this.#capacity) return false
    const entry = { object, weight, uses: 1, mark: 0, times: [this.#time] }
    if (this.#rules.competes !== true) this.#makeRoom(weight)
    this.queue.push(entry)
    this.#rules.arrive?.(entry)
    this.#makeRoom(0)
    return false
  }

  #makeRoom(weight: number): void {
    while (sum(this.queue) + weight > this.#capacity) drop(this.queue, this.#rules.victim(this.queue))
  }
}

class SieveModel implements PolicyModel {
  readonly #queue: Entry[] = []
  readonly #capacity: number
  #hand: Entry | undefined

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  apply({ object, weight, remove }: PolicyStep): boolean {
    const found = this.#queue.find((entry) => entry.object === object)
    if (remove) {
      if (found !== undefined) this.#leave(found)
      return found !== undefined
    }
    if (found !== undefined) {
      found.mark = 1
      return true
    }
    if (weight > this.#capacity) return false
    while (sum(this.#queue) + weight > this.#capacity) this.#evict()
    this.#queue.push(newEntry(object, weight))
    return false
  }

  #evict(): void {
    let candidate = this.#hand ?? this.#queue[0]
    while (candidate?.mark === 1) {
      candidate.mark = 0
      candidate = this.#queue[this.#queue.indexOf(candidate) + 1] ?? this.#queue[0]
    }
    if (candidate === undefined) return
    this.#hand = candidate
    this.#leave(candidate)
  }

  #leave(entry: Entry): void {
    if (entry === this.#hand) this.#hand = this.#queue[this.#queue.indexOf(entry) + 1]
    drop(this.#queue, entry)
  }
}
