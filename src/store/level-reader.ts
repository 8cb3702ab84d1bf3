import type { ClassicLevel } from 'classic-level'
import { compareKeys } from './key-order.ts'
import { unavailable } from './level-errors.ts'
import { ReadPacing } from './read-pacing.ts'
import type { ScanPage, ScanRequest } from './store.ts'

export type Database = ClassicLevel<string, Uint8Array>

/** Reads of an open database, by the thread that writes it and by those that only read it. */
export class LevelReader {
  readonly #database: Database
  readonly #pacing = new ReadPacing()

  constructor(database: Database) {
    this.#database = database
  }

  get(key: string): Uint8Array | undefined {
    try {
      return this.#pacing.timed(() => this.#database.getSync(key))
    } catch (error) {
      throw unavailable('reading', error)
    }
  }

  async getBeside(key: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#database.get(key)
    } catch (error) {
      throw unavailable('reading', error)
    }
  }

  mayBlock(): boolean {
    return this.#pacing.mayBlock()
  }

  async scan({ keyPrefix, after, entriesMax }: ScanRequest): Promise<ScanPage> {
    const entries: { key: string; value: Uint8Array }[] = []
    try {
      const first = keyPrefix || firstRecordKey
      const start = after !== undefined && compareKeys(after, first) >= 0 ? { gt: after } : { gte: first }
      for await (const [key, value] of this.#database.iterator({ ...start, limit: entriesMax + 1 })) {
        if (!key.startsWith(keyPrefix)) break
        entries.push({ key, value })
      }
    } catch (error) {
      throw unavailable('scanning', error)
    }
    if (entries.length <= entriesMax) return { entries }
    entries.pop()
    return { entries, cursor: entries.at(-1)?.key ?? after ?? '' }
  }
}

// Keys below this one hold what the store keeps for itself.
const firstRecordKey = '\u0001'
