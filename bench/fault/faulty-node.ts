import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type NodeProcess,
  NodeProcessError,
  type NodeProcessOptions,
  startNode,
} from '../node/node-process.ts'
import { slept } from '../support/slept.ts'
import { FaultOrders, ordersVariable } from './fault-orders.ts'
import { openSmallDisk, type SmallDisk } from './small-disk.ts'

export type FaultyNodeOptions = NodeProcessOptions & {
  /** Where orders to the node are kept. */
  readonly ordersDirectory: string
  /** The size of the file system of its own that the data directory gets; the machine's own unless given. */
  readonly diskBytes?: number | undefined
}

/** For how long; less when the signal aborts. */
export type Lasting = { readonly lastsSeconds: number; readonly signal: AbortSignal }

/** A node that may be broken in many ways and started again on its own address and data. Whoever opens it stops it. */
export class FaultyNode {
  readonly #options: NodeProcessOptions
  readonly #orders: FaultOrders
  readonly #disk: SmallDisk | undefined
  #process: NodeProcess
  #isDiskFull = false

  private constructor(
    parts: { readonly orders: FaultOrders; readonly disk: SmallDisk | undefined },
    options: NodeProcessOptions,
    process: NodeProcess,
  ) {
    this.#orders = parts.orders
    this.#disk = parts.disk
    this.#options = options
    this.#process = process
  }

  /** @throws SmallDiskError, NodeProcessError */
  static async start({ ordersDirectory, diskBytes, ...options }: FaultyNodeOptions): Promise<FaultyNode> {
    const orders = new FaultOrders(ordersDirectory)
    const disk = diskBytes === undefined ? undefined : await diskUnder(options.dataDirectory, diskBytes)
    const dataDirectory = disk === undefined ? options.dataDirectory : join(options.dataDirectory, 'data')
    const all = {
      ...options,
      dataDirectory,
      runtimeArguments: ['--import', brokenNode],
      environment: { [ordersVariable]: orders.directory },
      ...(disk === undefined ? {} : { startedThrough: disk.enter }),
    }
    try {
      return new FaultyNode({ orders, disk }, all, await startNode(all))
    } catch (error) {
      await disk?.close()
      throw error
    }
  }

  get url(): string {
    return this.#process.url
  }

  get pid(): number {
    return this.#process.pid
  }

  /** `kill -9`, then a start on the same port; resolves when it listens again. @throws NodeProcessError */
  async killAndRestart(): Promise<void> {
    await this.#process.kill()
    const { port } = new URL(this.#process.url)
    this.#process = await this.#startAgain(Number(port))
  }

  /** Again and again while its disk is full, as whatever supervises a node does: it cannot open its data then. */
  async #startAgain(port: number): Promise<NodeProcess> {
    for (;;) {
      const wasFull = this.#isDiskFull
      try {
        return await startNode({ ...this.#options, port })
      } catch (error) {
        if (!wasFull || !(error instanceof NodeProcessError)) throw error
      }
    }
  }

  /** Stops the process for a time, as a machine does that swaps or a debugger that attaches. */
  async pause({ lastsSeconds, signal }: Lasting): Promise<void> {
    const { pid } = this.#process
    process.kill(pid, 'SIGSTOP')
    try {
      await slept(lastsSeconds, signal)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
  }

  /** Leaves not a byte of its file system free for a time. */
  async fillDisk({ lastsSeconds, signal }: Lasting): Promise<void> {
    if (this.#disk === undefined) throw new TypeError('a disk that shall be full is one of its own')
    this.#isDiskFull = true
    try {
      this.#disk.fill()
      await slept(lastsSeconds, signal)
    } finally {
      this.#disk.free()
      this.#isDiskFull = false
    }
  }

  /** Lets each access of the store to its disk take longer for a time. */
  async slowDisk(options: Lasting & { readonly extraMs: number }): Promise<void> {
    this.#orders.give('slow-disk', options.extraMs)
    try {
      await slept(options.lastsSeconds, options.signal)
    } finally {
      this.#orders.takeBack('slow-disk')
    }
  }

  /**
   * Ends one of its threads by an error that nobody catches; resolves once one has taken the order, or the signal aborts.
   * @throws NodeProcessError where none takes it
   */
  async killWorker(signal: AbortSignal): Promise<void> {
    this.#orders.give('worker-death', 0)
    const deadline = AbortSignal.timeout(orderSecondsMax * 1000)
    const end = AbortSignal.any([signal, deadline])
    while (this.#orders.isGiven('worker-death')) {
      if (await slept(lookEverySeconds, end)) continue
      this.#orders.takeBack('worker-death')
      if (signal.aborted) return
      throw new NodeProcessError(`no worker of the node died within ${orderSecondsMax} s of the order`)
    }
  }

  /** Moves its clock, back where the seconds are below 0, and leaves it there. */
  async moveClock(seconds: number): Promise<void> {
    this.#orders.give('clock', seconds * 1000)
  }

  /** Without waiting, where this process ends at once. */
  endAtOnce(): void {
    void this.#process.kill()
  }

  async stop(): Promise<void> {
    await this.#process.stop()
    await this.#disk?.close()
  }
}

const orderSecondsMax = 10
const lookEverySeconds = 0.02

// Compiled for publishing, all files end in .js.
const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const brokenNode = fileURLToPath(new URL(`./broken-node${extension}`, import.meta.url))

function diskUnder(directory: string, bytes: number): Promise<SmallDisk> {
  mkdirSync(directory, { recursive: true })
  return openSmallDisk({ directory, bytes })
}
