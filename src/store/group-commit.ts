import { HandleError } from '../errors.ts'
import type { Mutation, MutationResult } from './store.ts'

/** One caller's mutations, waiting to be written with others'. */
export type CommitRequest = {
  readonly mutations: readonly Mutation[]
  readonly resolve: (results: readonly MutationResult[]) => void
  readonly reject: (error: unknown) => void
}

/**
 * Gathers what arrives while one group is being written into the next, so that one fsync pays for all of it
 * (group commit, Gray & Reuter 1993, section 9.4.5). One group is under way at a time: that alone makes commits linearizable.
 */
export class GroupCommit {
  readonly #writeGroup: (group: readonly CommitRequest[]) => Promise<void>
  readonly #groupMutationsMax: number
  #waiting: CommitRequest[] = []
  #running: Promise<void> | undefined
  #closed = false

  /** `writeGroup` settles every request that it is given and never rejects. */
  constructor(
    writeGroup: (group: readonly CommitRequest[]) => Promise<void>,
    options: { groupMutationsMax: number },
  ) {
    this.#writeGroup = writeGroup
    this.#groupMutationsMax = options.groupMutationsMax
  }

  commit(mutations: readonly Mutation[]): Promise<readonly MutationResult[]> {
    if (this.#closed) return Promise.reject(new HandleError('SHUTTING_DOWN', 'the store is closed'))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ mutations, resolve, reject })
      this.#running ??= this.#run()
    })
  }

  /** Refuses new commits and waits for those accepted. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      // A group waits for the turn to end, so that requests decoded from one read of many sockets share it: where a write
      // takes microseconds it would otherwise be a group, and a way to another thread and back, for each of them.
      await new Promise((resolve) => setImmediate(resolve))
      await this.#writeGroup(this.#takeGroup())
    }
    this.#running = undefined
  }

  #takeGroup(): CommitRequest[] {
    let mutations = 0
    let requests = 0
    for (const request of this.#waiting) {
      mutations += request.mutations.length
      if (requests > 0 && mutations > this.#groupMutationsMax) break
      requests++
    }
    if (requests === this.#waiting.length) {
      const group = this.#waiting
      this.#waiting = []
      return group
    }
    return this.#waiting.splice(0, requests)
  }
}
