import { ClassicLevel } from 'classic-level'
import { HandleError } from '../errors.ts'
import { unavailable } from './level-errors.ts'
import { type Database, LevelReader } from './level-reader.ts'
import { decodeResults, encodeMutations } from './shared-encoding.ts'
import type {
  Durability,
  Mutation,
  MutationResult,
  ScanPage,
  ScanRequest,
  Store,
  StoreCapabilities,
} from './store.ts'
import { lookUpWholeKeys } from './whole-keys.ts'

/** What a thread that only reads asks of the one that writes. */
export type StoreQuestion =
  | { readonly kind: 'count'; readonly prefix: string }
  | { readonly kind: 'countAll' }
  | { readonly kind: 'sizeOnDiskBytes' }

/** The way to the thread that writes. */
export interface WriterLink {
  /** Mutations of many requests in one buffer, given away; their results in one buffer. @throws HandleError for all of them. */
  commit(mutations: Uint8Array<ArrayBuffer>): Promise<Uint8Array>
  ask(question: StoreQuestion): Promise<number>
  unwritableBecause(): string | undefined
}

/**
 * Opens in this thread the database that another thread of the process has opened with `sharedByThreads`. That thread
 * closes it last: LevelDB's block cache is the first opener's.
 */
export async function openSharedLevel(
  at: { readonly databasePath: string; readonly durability: Durability },
  link: WriterLink,
): Promise<SharedLevelStore> {
  const database: Database = new ClassicLevel(at.databasePath, {
    keyEncoding: 'utf8',
    valueEncoding: 'view',
    createIfMissing: false,
    multithreading: true,
    // Made for each opener and used only for the first.
    cacheSize: 0,
  })
  try {
    await database.open()
    lookUpWholeKeys(database)
  } catch (error) {
    throw unavailable('opening', error)
  }
  return new SharedLevelStore(database, at.durability, link)
}

type Request = {
  readonly mutations: readonly Mutation[]
  readonly resolve: (results: readonly MutationResult[]) => void
  readonly reject: (error: unknown) => void
}

const largeMutations = 256
const messagesUnderWayMax = 4

/** The store as a worker has it: reads answer at once in this thread, writes go to the writer, all of a turn together. */
export class SharedLevelStore implements Store {
  readonly engine = 'level'
  readonly durability: Durability
  readonly capabilities: StoreCapabilities = {
    persistent: true,
    synchronousReads: true,
    durabilities: ['sync', 'os', 'none'],
    atomicCommits: true,
    measuresSize: 'at-once',
    distributed: false,
  }
  readonly #database: Database
  readonly #reader: LevelReader
  readonly #link: WriterLink
  readonly #underWay = new Set<Promise<void>>()
  #waiting: Request[] = []
  #mutationsWaiting = 0
  #isTurnEndAwaited = false
  #closed = false

  constructor(database: Database, durability: Durability, link: WriterLink) {
    this.#database = database
    this.#reader = new LevelReader(database)
    this.#link = link
    this.durability = durability
  }

  get(key: string): Uint8Array | undefined {
    return this.#reader.get(key)
  }

  getBeside(key: string): Promise<Uint8Array | undefined> {
    return this.#reader.getBeside(key)
  }

  mayBlock(): boolean {
    return this.#reader.mayBlock()
  }

  getMany(keys: readonly string[]): readonly (Uint8Array | undefined)[] {
    return keys.map((key) => this.#reader.get(key))
  }

  commit(mutations: readonly Mutation[]): Promise<readonly MutationResult[]> {
    if (this.#closed) return Promise.reject(new HandleError('SHUTTING_DOWN', 'the store is closed'))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ mutations, resolve, reject })
      this.#mutationsWaiting += mutations.length
      this.#sendAtEndOfTurn()
    })
  }

  scan(request: ScanRequest): Promise<ScanPage> {
    return this.#reader.scan(request)
  }

  count(prefix: string): Promise<number> {
    return this.#link.ask({ kind: 'count', prefix })
  }

  countAll(): Promise<number> {
    return this.#link.ask({ kind: 'countAll' })
  }

  sizeOnDiskBytes(): Promise<number> {
    return this.#link.ask({ kind: 'sizeOnDiskBytes' })
  }

  unwritableBecause(): string | undefined {
    return this.#link.unwritableBecause()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#send()
    await Promise.all(this.#underWay)
    await this.#database.close()
  }

  /** What is decoded from one read of many sockets shares a message, and then an fsync. */
  #sendAtEndOfTurn(): void {
    if (this.#isTurnEndAwaited || this.#waiting.length === 0 || !this.#mayCommit()) return
    this.#isTurnEndAwaited = true
    setImmediate(() => {
      this.#isTurnEndAwaited = false
      if (this.#mayCommit()) this.#send()
    })
  }

  /**
   * Small commits gather while one message is under way, as in a group commit: waking a thread costs more than a small
   * commit does. Large ones need no company, and the writer should find the next when it is through with one.
   */
  #mayCommit(): boolean {
    if (this.#underWay.size === 0) return true
    return this.#mutationsWaiting >= largeMutations && this.#underWay.size < messagesUnderWayMax
  }

  #send(): void {
    const requests = this.#waiting
    if (requests.length === 0) return
    this.#waiting = []
    this.#mutationsWaiting = 0
    const settled = this.#settle(requests).finally(() => {
      this.#underWay.delete(settled)
      this.#sendAtEndOfTurn()
    })
    this.#underWay.add(settled)
  }

  async #settle(requests: readonly Request[]): Promise<void> {
    try {
      const encoded = encodeMutations(requests.map(({ mutations }) => mutations))
      const results = decodeResults(await this.#link.commit(encoded))
      let next = 0
      for (const { mutations, resolve } of requests) {
        resolve(results.slice(next, next + mutations.length))
        next += mutations.length
      }
    } catch (error) {
      for (const { reject } of requests) reject(error)
    }
  }
}
