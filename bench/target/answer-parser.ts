import type { HttpAnswer } from './http-exchange.ts'
import { TargetError } from './target-error.ts'

/** Whole answers from the bytes of one connection, one answer at a time (RFC 9112). */
export class AnswerParser {
  readonly #bytesMax: number
  #unread: Buffer | undefined
  #head: Head | undefined
  #body: Buffer[] = []
  #bodyBytes = 0

  constructor(options: { readonly bytesMax: number }) {
    this.#bytesMax = options.bytesMax
  }

  /** Whether part of an answer has arrived. */
  get isWithin(): boolean {
    return this.#unread !== undefined || this.#head !== undefined
  }

  /** The answer that these bytes complete, or undefined; keeps none of them, only copies. @throws TargetError PROTOCOL */
  push(chunk: Buffer): ParsedAnswer | undefined {
    let rest = this.#unread === undefined ? chunk : Buffer.concat([this.#unread, chunk])
    this.#unread = undefined
    while (this.#head === undefined) {
      const headEnd = rest.indexOf(headEnding)
      if (headEnd === -1) {
        if (rest.length > headBytesMax) throw malformed(`a head above ${headBytesMax} bytes`)
        this.#unread = Buffer.from(rest)
        return undefined
      }
      const head = parseHead(rest.toString('latin1', 0, headEnd))
      rest = rest.subarray(headEnd + headEnding.length)
      // Interim answers (RFC 9110 section 15.2) come before the one that counts.
      if (head.status >= 200) this.#head = head
      else if (rest.length === 0) return undefined
    }
    return this.#takeBody(this.#head, rest)
  }

  /** The answer whose body ends with the connection; undefined when the connection ended within one. */
  finish(): ParsedAnswer | undefined {
    const head = this.#head
    return head?.framing === 'until-close' ? this.#complete(head, 0) : undefined
  }

  #takeBody(head: Head, bytes: Buffer): ParsedAnswer | undefined {
    switch (head.framing) {
      case 'length': {
        const missing = head.length - this.#bodyBytes
        if (head.length > this.#bytesMax) throw malformed(`an answer above ${this.#bytesMax} bytes`)
        if (bytes.length >= missing) {
          this.#keep(bytes.subarray(0, missing))
          return this.#complete(head, bytes.length - missing)
        }
        this.#keep(bytes)
        return undefined
      }
      case 'chunked':
        return this.#takeChunks(head, bytes)
      case 'until-close':
        this.#keep(bytes)
        return undefined
    }
  }

  #takeChunks(head: Head, bytes: Buffer): ParsedAnswer | undefined {
    let at = 0
    for (;;) {
      const lineEnd = bytes.indexOf('\r\n', at)
      if (lineEnd === -1) break
      const size = chunkSize(bytes.toString('latin1', at, lineEnd))
      const dataStart = lineEnd + 2
      if (size === 0) {
        const trailersEnd =
          bytes.indexOf('\r\n', dataStart) === dataStart
            ? dataStart
            : bytes.indexOf(headEnding, dataStart - 2)
        if (trailersEnd === -1) break
        const after = trailersEnd === dataStart ? trailersEnd + 2 : trailersEnd + headEnding.length
        return this.#complete(head, bytes.length - after)
      }
      if (bytes.length < dataStart + size + 2) break
      this.#keep(bytes.subarray(dataStart, dataStart + size))
      at = dataStart + size + 2
    }
    this.#unread = Buffer.from(bytes.subarray(at))
    return undefined
  }

  #keep(bytes: Buffer): void {
    this.#bodyBytes += bytes.length
    if (this.#bodyBytes > this.#bytesMax) throw malformed(`an answer above ${this.#bytesMax} bytes`)
    this.#body.push(Buffer.from(bytes))
  }

  #complete(head: Head, surplusBytes: number): ParsedAnswer {
    // Nothing was asked that these bytes could answer.
    if (surplusBytes > 0) throw malformed(`${surplusBytes} bytes after the end of an answer`)
    const [first] = this.#body
    const body = this.#body.length === 1 && first !== undefined ? first : Buffer.concat(this.#body)
    this.#head = undefined
    this.#body = []
    this.#bodyBytes = 0
    return new ParsedAnswer(head, body)
  }
}

/** An answer whose headers are read only when somebody looks at them: hardly ever, when all goes well. */
export class ParsedAnswer implements HttpAnswer {
  readonly status: number
  readonly body: Buffer
  /** Whether the connection may carry another request. */
  readonly keepsAlive: boolean
  readonly #head: string

  constructor({ status, keepsAlive, text }: Head, body: Buffer) {
    this.status = status
    this.keepsAlive = keepsAlive
    this.body = body
    this.#head = text
  }

  get headers(): HttpAnswer['headers'] {
    const headers: Record<string, string> = {}
    for (const line of this.#head.split('\r\n').slice(1)) {
      const colon = line.indexOf(':')
      const name = line.slice(0, colon).toLowerCase()
      const value = line.slice(colon + 1).trim()
      headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`
    }
    return headers
  }
}

type Head = {
  readonly status: number
  readonly text: string
  readonly framing: 'length' | 'chunked' | 'until-close'
  readonly length: number
  readonly keepsAlive: boolean
}

const headEnding = Buffer.from('\r\n\r\n')
const headBytesMax = 64 * 1024

const statusLine = /^HTTP\/1\.([01]) (\d{3})(?: |\r|$)/
const contentLength = /\r\ncontent-length:[ \t]*(\d+)[ \t]*(?=\r|$)/i
const chunkedCoding = /\r\ntransfer-encoding:[^\r]*\bchunked[ \t]*(?=\r|$)/i
const closing = /\r\nconnection:[^\r]*\bclose\b/i
const keeping = /\r\nconnection:[^\r]*\bkeep-alive\b/i

/** Framing by RFC 9112 section 6.3; this client asks with GET, PUT, POST, DELETE and OPTIONS only. */
function parseHead(text: string): Head {
  const match = statusLine.exec(text)
  if (match === null) throw malformed(`an answer that begins with "${text.slice(0, 40)}"`)
  const status = Number(match[2])
  const keepsAlive = match[1] === '1' ? !closing.test(text) : keeping.test(text)
  if (status < 200 || status === 204 || status === 304) {
    return { status, text, framing: 'length', length: 0, keepsAlive }
  }
  if (chunkedCoding.test(text)) return { status, text, framing: 'chunked', length: 0, keepsAlive }
  const length = contentLength.exec(text)
  if (length !== null) return { status, text, framing: 'length', length: Number(length[1]), keepsAlive }
  return { status, text, framing: 'until-close', length: 0, keepsAlive: false }
}

function chunkSize(line: string): number {
  const digits = /^([0-9a-fA-F]{1,8})[ \t]*(?:;|$)/.exec(line)?.[1]
  if (digits === undefined) throw malformed(`a chunk of the size "${line.slice(0, 20)}"`)
  return Number.parseInt(digits, 16)
}

function malformed(what: string): TargetError {
  return new TargetError('PROTOCOL', `the server sent ${what}`)
}
