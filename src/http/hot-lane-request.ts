/**
 * What the hot lane makes of the bytes that arrived on a connection. `askable`: exactly one plain GET of a handle, which
 * the lane may answer. `whole`: one request that is not the lane's, or a part of its body, where it is certain which byte begins the next
 * one. `foreign`: anything else, after which the lane knows no longer where a request begins.
 */
export type Arrival = 'askable' | 'whole' | 'foreign'

// A request line and the headers of a browser fit; what is longer pays for its own parsing.
const requestBytesMax = 2048
const handlePathStart = '/api/handles/'

/**
 * Reads the requests of one connection. Strict where RFC 9112 is lenient: whatever two parsers could read differently
 * is foreign and seen by one parser only, the server's own.
 */
export class RequestReader {
  readonly #bytesMax: number
  /** Everything after the target of the request before: clients repeat it, so it is judged once. */
  #head = ''
  #headArrival: Arrival = 'foreign'
  #handle = ''
  /** How much is still to come of the body of a request that is not the lane's, in bytes. */
  #bodyBytesLeft = 0

  constructor(options: { readonly headerBytesMax: number }) {
    this.#bytesMax = Math.min(requestBytesMax, options.headerBytesMax)
  }

  /** The handle of the request just read, as the target spells it. */
  get handleInTarget(): string {
    return this.#handle
  }

  /** Judges one piece of input: `bytes` up to `length`. */
  read(bytes: Buffer, length = bytes.length): Arrival {
    if (this.#bodyBytesLeft > 0) return this.#readBody(length)
    const text = bytes.toString('latin1', 0, Math.min(length, this.#bytesMax))
    const isHead = text.startsWith('HEAD /')
    if (!isHead && !text.startsWith('GET /'))
      return mayHaveBody.test(text) ? this.#readBodied(text, length) : 'foreign'
    if (length > this.#bytesMax) return 'foreign'
    const targetStart = isHead ? 5 : 4
    const targetEnd = text.indexOf(' ', targetStart)
    if (targetEnd < 0) return 'foreign'
    const head = text.slice(targetEnd)
    if (head !== this.#head) {
      this.#headArrival = judgeHead(head)
      this.#head = head
    }
    if (this.#headArrival === 'foreign') return 'foreign'
    const target = text.slice(targetStart, targetEnd)
    if (isHead || !handleTarget.test(target)) return plainTarget.test(target) ? 'whole' : 'foreign'
    // Decoded anew: the cache hashes a slice of the request byte by byte (`npm run bench:hot-path`).
    this.#handle = bytes.toString('latin1', targetStart + handlePathStart.length, targetEnd)
    return this.#headArrival
  }

  /** A request with a body: `text` is its beginning, which must hold the whole head. */
  #readBodied(text: string, length: number): Arrival {
    const targetStart = text.indexOf(' ') + 1
    const targetEnd = text.indexOf(' ', targetStart)
    const headEnd = text.indexOf('\r\n\r\n') + 4
    if (headEnd < 4 || targetEnd < 0 || targetEnd > headEnd) return 'foreign'
    const bodyBytes = bodyBytesOf(text.slice(targetEnd, headEnd))
    if (bodyBytes === undefined || !plainTarget.test(text.slice(targetStart, targetEnd))) return 'foreign'
    this.#bodyBytesLeft = bodyBytes
    return this.#readBody(length - headEnd)
  }

  /** What follows the body in one piece would be the beginning of another request. */
  #readBody(length: number): Arrival {
    if (length > this.#bodyBytesLeft) return 'foreign'
    this.#bodyBytesLeft -= length
    return 'whole'
  }
}

/** The methods of the Handle API that are not the lane's. */
const mayHaveBody = /^(?:PUT|POST|DELETE) \//

// Characters that every parser takes for part of a path (RFC 3986 section 3.3), without `;`, at which some routers cut.
const handleTarget = /^\/api\/handles\/[\w.~!$&'()*+,=:@%/-]+$/
const plainTarget = /^\/[\w.~!$&'()*+,=:@%/?-]*$/

/** One space after the colon, none around the name, no folding, no empty value, no control character. */
const plainHead = /^ HTTP\/1\.1\r\n(?:[A-Za-z0-9-]+: [\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?\r\n)+\r\n$/

/** Judges everything after the target: the version, the headers, and that nothing follows them. */
export function judgeHead(head: string): Arrival {
  const facts = readHead(head)
  if (facts === undefined || facts.bodyLengths.length > 0) return 'foreign'
  return facts.isPlain ? 'askable' : 'whole'
}

/** How long the body is that follows such a head, in bytes; undefined where two parsers could differ about it (RFC 9112 section 6.3). */
function bodyBytesOf(head: string): number | undefined {
  const facts = readHead(head)
  if (facts === undefined || facts.bodyLengths.length > 1) return undefined
  const [bodyLength = '0'] = facts.bodyLengths
  return plainLength.test(bodyLength) ? Number(bodyLength) : undefined
}

/** Without sign or leading zero, and below what any parser can count. */
const plainLength = /^(?:0|[1-9]\d{0,9})$/

type HeadFacts = {
  /** The values of `Content-Length`. */
  readonly bodyLengths: readonly string[]
  /** Whether no header changes anything in the answer to a GET of a handle. */
  readonly isPlain: boolean
}

/** Undefined where it is not certain what the head means. */
function readHead(head: string): HeadFacts | undefined {
  if (!plainHead.test(head)) return undefined
  let hosts = 0
  let isPlain = true
  const bodyLengths: string[] = []
  for (const line of head.slice(0, -4).split('\r\n').slice(1)) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    if (name === 'host') hosts++
    else if (name === 'content-length') bodyLengths.push(line.slice(colon + 2))
    else if (name === 'connection') {
      if (line.slice(colon + 2).toLowerCase() !== 'keep-alive') return undefined
    } else if (framing.has(name)) return undefined
    else if (!withoutEffect.has(name)) isPlain = false
  }
  return hosts === 1 ? { bodyLengths, isPlain } : undefined
}

/** Says where a request ends, otherwise than by its length, or what becomes of its connection. */
const framing: ReadonlySet<string> = new Set([
  'transfer-encoding',
  'trailer',
  'te',
  'expect',
  'upgrade',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
])

/** Names that change nothing in the answer to a GET of a handle. */
const withoutEffect: ReadonlySet<string> = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'cookie',
  'dnt',
  'forwarded',
  'from',
  'origin',
  'pragma',
  'priority',
  'referer',
  'sec-ch-ua',
  'sec-ch-ua-mobile',
  'sec-ch-ua-platform',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-user',
  'traceparent',
  'tracestate',
  'upgrade-insecure-requests',
  'user-agent',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-real-ip',
])
