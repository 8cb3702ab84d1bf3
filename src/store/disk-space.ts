import { statfsSync } from 'node:fs'
import { HandleError } from '../errors.ts'
import { systemClock } from '../support/clock.ts'

/** Watches the file system under the store, so that writing stops before a write can be cut in half. */
export class DiskSpace {
  readonly #directory: string
  readonly #reserveBytes: number
  #checkedAtMs = Number.NEGATIVE_INFINITY
  #refusal: HandleError | undefined

  constructor(directory: string, reserveBytes: number) {
    this.#directory = directory
    this.#reserveBytes = reserveBytes
  }

  /**
   * What writes are refused with, undefined while they are not: STORE_FULL where too little is free, STORE_UNAVAILABLE where
   * the directory cannot be reached. Looks at the file system at most ten times a second.
   */
  refusal(): HandleError | undefined {
    const nowMs = systemClock.nowMs()
    if (Math.abs(nowMs - this.#checkedAtMs) >= checkIntervalMs) {
      this.#checkedAtMs = nowMs
      this.#refusal = this.#look()
    }
    return this.#refusal
  }

  #look(): HandleError | undefined {
    try {
      const { bavail, bsize } = statfsSync(this.#directory)
      const freeBytes = bavail * bsize
      if (freeBytes >= this.#reserveBytes) return undefined
      return new HandleError(
        'STORE_FULL',
        `the file system of the data directory has ${freeBytes} bytes free, fewer than the ${this.#reserveBytes} kept in reserve`,
      )
    } catch (cause) {
      const problem = `the data directory "${this.#directory}" cannot be reached: ${(cause as Error).message}`
      return new HandleError('STORE_UNAVAILABLE', problem, { cause })
    }
  }
}

const checkIntervalMs = 100
