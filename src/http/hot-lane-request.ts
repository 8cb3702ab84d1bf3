/**
 * What the hot lane makes of the bytes that arrived on a connection. `askable`: exactly one plain GET of a handle, which
 * the lane may answer. `whole`: exactly one request without a body, which is not the lane's but leaves the connection
 * where the next one can be. `foreign`: anything else, after which the lane knows no longer where a request begins.
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

  constructor(options: { readonly headerBytesMax: number }) {
    this.#bytesMax = Math.min(requestBytesMax, options.headerBytesMax)
  }

  /** The handle of the request just read, as the target spells it. */
  get handleInTarget(): string {
    return this.#handle
  }

  /** Judges one piece of input: `bytes` up to `length`. */
  read(bytes: Buffer, length = bytes.length): Arrival {
    if (length > this.#bytesMax) return 'foreign'
    const text = bytes.toString('latin1', 0, length)
    const isHead = text.startsWith('HEAD /')
    if (!isHead && !text.startsWith('GET /')) return 'foreign'
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
}

// Characters that every parser takes for part of a path (RFC 3986 section 3.3), without `;`, at which some routers cut.
const handleTarget = /^\/api\/handles\/[\w.~!$&'()*+,=:@%/-]+$/
const plainTarget = /^\/[\w.~!$&'()*+,=:@%/?-]*$/

/** One space after the colon, none around the name, no folding, no empty value, no control character. */
const plainHead = /^ HTTP\/1\.1\r\n(?:[A-Za-z0-9-]+: [\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?\r\n)+\r\n$/

/** Judges everything after the target: the version, the headers, and that nothing follows them. */
export function judgeHead(head: string): Arrival {
  if (!plainHead.test(head)) return 'foreign'
  let hosts = 0
  let arrival: Arrival = 'askable'
  for (const line of head.slice(0, -4).split('\r\n').slice(1)) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    if (name === 'host') hosts++
    else if (name === 'connection') {
      if (line.slice(colon + 2).toLowerCase() !== 'keep-alive') return 'foreign'
    } else if (framing.has(name)) return 'foreign'
    else if (!withoutEffect.has(name)) arrival = 'whole'
  }
  return hosts === 1 ? arrival : 'foreign'
}

/** Says where a request ends or what becomes of its connection. */
const framing: ReadonlySet<string> = new Set([
  'content-length',
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
