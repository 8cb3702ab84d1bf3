import { type NodeProcess, type NodeProcessOptions, startNode } from '../node-process.ts'

/** A node that may be killed and started again on its own address and data. Whoever opens it stops it. */
export class FaultyNode {
  readonly #options: NodeProcessOptions
  #process: NodeProcess

  private constructor(options: NodeProcessOptions, process: NodeProcess) {
    this.#options = options
    this.#process = process
  }

  static async start(options: NodeProcessOptions): Promise<FaultyNode> {
    return new FaultyNode(options, await startNode(options))
  }

  get url(): string {
    return this.#process.url
  }

  /** `kill -9`, then a start on the same port; resolves when it listens again. */
  async killAndRestart(): Promise<void> {
    await this.#process.kill()
    const { port } = new URL(this.#process.url)
    this.#process = await startNode({ ...this.#options, port: Number(port) })
  }

  /** Stops the process for a time, as a machine does that swaps or a debugger that attaches. */
  async pause(lastsSeconds: number): Promise<void> {
    const { pid } = this.#process
    process.kill(pid, 'SIGSTOP')
    try {
      await new Promise((resolve) => setTimeout(resolve, lastsSeconds * 1000))
    } finally {
      process.kill(pid, 'SIGCONT')
    }
  }

  stop(): Promise<void> {
    return this.#process.stop()
  }
}
