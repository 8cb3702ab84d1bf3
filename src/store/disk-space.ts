import { statfsSync } from 'node:fs'
import { systemClock } from '../support/clock.ts'

/** Watches the file system under the store, so that writing stops before a write can be cut in half. */
export class DiskSpace {
  readonly #directory: string
  readonly #reserveBytes: number
  #checkedAtMs = Number.NEGATIVE_INFINITY
  #shortage: string | undefined

  constructor(directory: string, reserveBytes: number) {
    this.#directory = directory
    this.#reserveBytes = reserveBytes
  }

  /** Says that too little is free, or undefined; looks at the file system at most ten times a second. */
  shortage(): string | undefined {
    const nowMs = systemClock.nowMs()
    if (Math.abs(nowMs - this.#checkedAtMs) < checkIntervalMs) return this.#shortage
    this.#checkedAtMs = nowMs
    const { bavail, bsize } = statfsSync(this.#directory)
    const freeBytes = bavail * bsize
    this.#shortage =
      freeBytes >= this.#reserveBytes
        ? undefined
        : `the file system of the data directory has ${freeBytes} bytes free, fewer than the ${this.#reserveBytes} kept in reserve`
    return this.#shortage
  }
}

const checkIntervalMs = 100
