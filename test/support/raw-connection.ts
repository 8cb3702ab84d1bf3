import { connect, type Socket } from 'node:net'

/** A TCP connection driven by hand, for clients that no HTTP library would be. */
export class RawConnection {
  readonly #socket: Socket
  #received = ''
  #isClosed = false

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => {
      this.#received += text
    })
    socket.on('close', () => {
      this.#isClosed = true
    })
    // A reset ends a connection like any other end here; what had arrived by then is what tests look at.
    socket.on('error', () => {
      this.#isClosed = true
    })
  }

  /** Half-closing is the test's to do: the other side's end does not end ours. */
  static open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url)
    const socket = connect({ host: hostname.replace(/[[\]]/g, ''), port: Number(port), allowHalfOpen: true })
    return new Promise((resolve, reject) => {
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.removeListener('error', reject)
        resolve(new RawConnection(socket))
      })
    })
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  send(text: string): void {
    this.#socket.write(text)
  }

  /** What was received so far no longer counts. */
  forget(): void {
    this.#received = ''
  }

  /** Sends FIN and goes on reading. */
  halfClose(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Everything received, once it matches; rejects if the connection ends before. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#received)) {
      if (this.#isClosed || this.#socket.readableEnded) {
        throw new Error(`the connection ended before ${pattern}; received:\n${this.#received}`)
      }
      await this.#somethingHappens()
    }
    return this.#received
  }

  /** Everything received until the other side ended the connection. */
  async untilEnd(): Promise<string> {
    while (!this.#isClosed && !this.#socket.readableEnded) await this.#somethingHappens()
    this.destroy()
    return this.#received
  }

  #somethingHappens(): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        for (const event of events) this.#socket.removeListener(event, settle)
        resolve()
      }
      for (const event of events) this.#socket.once(event, settle)
    })
  }
}

const events = ['data', 'end', 'close', 'error'] as const
