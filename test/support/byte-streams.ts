import { createPrng, type Prng } from '../../src/support/prng.ts'
import { get, plainPath, plainRequest, smugglingClassics } from './smuggling-classics.ts'

/** What one client sends on one connection, in the pieces in which it arrives. */
export type ByteStream = readonly string[]

/** Records that both sides of a comparison hold: by handle, a spelling, a language, a lifetime each. */
export const comparedRecords: Readonly<Record<string, readonly object[]>> = {
  '88.1000/plain': [{ index: 1, type: 'URL', data: 'https://example.org/plain' }],
  '88.1000/Mixed.Case-1': [{ index: 1, type: 'model', data: '型号一' }],
  '88.1000/设备/1': [{ index: 1, type: 'NOTE', data: 'a handle of three scripts' }],
  '88.1000/with space': [{ index: 1, type: 'NOTE', data: 'needs percent-encoding' }],
  '88.1000/a?b#c': [{ index: 1, type: 'NOTE', data: 'delimiters in the suffix' }],
  '88.1000/hidden': [{ index: 1, type: 'NOTE', data: 'for nobody', permissions: '0000' }],
  '88.1000/ends': [{ index: 1, type: 'NOTE', data: 'until 2033', ttl: '2033-01-01T00:00:00Z' }],
  '88.1000/never-kept': [{ index: 1, type: 'NOTE', data: 'ttl of nothing', ttl: 0 }],
  '88.1000/large': [{ index: 1, type: 'NOTE', data: 'x'.repeat(70_000) }],
}

/** Thousands of streams, the same for the same seed: mostly plain, each with something else somewhere. */
export function* byteStreams(options: {
  readonly seed: number
  readonly streams: number
}): Generator<ByteStream> {
  const prng = createPrng(options.seed)
  for (let stream = 0; stream < options.streams; stream++) {
    const pieces = Array.from({ length: 1 + prng.nextBelow(6) }, () => piece(prng))
    const isWarm = prng.nextBelow(5) > 0
    yield isWarm ? [plainRequest, ...pieces, plainRequest] : [...pieces, plainRequest]
  }
}

/** Each method, target and header that the generator knows, alone in an otherwise plain request. */
export function* oddities(): Generator<ByteStream> {
  const odd = [
    ...methods.map((method) => plainRequest.replace('GET', method)),
    ...targets.map((target) => get(target, 'Host: node')),
    ...[...harmlessHeaders, ...otherHeaders].map((header) => get(plainPath, `Host: node\r\n${header}`)),
    ...['GET', 'PUT', 'POST', 'DELETE'].flatMap((method) =>
      bodyHeaders.map((header) => `${get(plainPath, `Host: node\r\n${header}`).replace('GET', method)}[]`),
    ),
  ]
  for (const text of odd) yield [plainRequest, text, plainRequest]
}

/** The stream, cut in two at each offset, after a request that the server has answered. */
export function* cutEverywhere(text: string): Generator<ByteStream> {
  for (let offset = 1; offset < text.length; offset++) {
    yield [plainRequest, text.slice(0, offset), text.slice(offset), plainRequest]
  }
}

function piece(prng: Prng): string {
  const chance = prng.nextBelow(20)
  if (chance < 14) return request(prng)
  if (chance < 15) return request(prng) + request(prng)
  if (chance < 17) return mutated(request(prng), prng)
  if (chance < 19) return pick(prng, smugglingClassics)
  return request(prng) + mutated(request(prng) + request(prng), prng)
}

function request(prng: Prng): string {
  const method = prng.nextBelow(10) > 0 ? 'GET' : pick(prng, methods)
  const version = prng.nextBelow(25) > 0 ? 'HTTP/1.1' : pick(prng, ['HTTP/1.0', 'HTTP/1.2', 'HTTP/0.9'])
  const headers = ['Host: node']
  for (let count = prng.nextBelow(4); count > 0; count--) {
    const header = pick(prng, prng.nextBelow(8) > 0 ? harmlessHeaders : otherHeaders)
    headers.splice(prng.nextBelow(headers.length + 1), 0, header)
  }
  if (method !== 'GET' && prng.nextBelow(2) > 0) headers.push(pick(prng, bodyHeaders))
  const body =
    headers.some((header) => header.includes('Content-Length')) && prng.nextBelow(8) > 0 ? '[]' : ''
  return `${method} ${pick(prng, targets)} ${version}\r\n${headers.join('\r\n')}\r\n\r\n${body}`
}

/** One character changed, taken out or put in. */
function mutated(text: string, prng: Prng): string {
  const position = prng.nextBelow(text.length)
  const character = pick(prng, [
    '\r',
    '\n',
    ' ',
    '\t',
    '\0',
    ':',
    '/',
    '%',
    'x',
    '\x80',
    '\xff',
    '?',
    ';',
    '',
  ])
  return text.slice(0, position) + character + text.slice(position + prng.nextBelow(2))
}

function pick<Item>(prng: Prng, items: readonly Item[]): Item {
  return items[prng.nextBelow(items.length)] as Item
}

const methods = ['HEAD', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'get', 'GETT', 'BREW']

const targets = [
  ...Array.from({ length: 40 }, () => plainPath),
  '/api/handles/88.1000/PLAIN',
  '/api/handles/88.1000/Mixed.Case-1',
  '/api/handles/88.1000/mixed.case-1',
  '/api/handles/88.1000/%E8%AE%BE%E5%A4%87/1',
  '/api/handles/88.1000/%E8%AE%BE%E5%A4%87%2F1',
  '/api/handles/88.1000%2Fplain',
  '/api/handles/%38%38.1000/pl%61in',
  '/api/handles/88.1000/with%20space',
  '/api/handles/88.1000/with+space',
  '/api/handles/88.1000/a%3Fb%23c',
  '/api/handles/88.1000/a?b#c',
  '/api/handles/88.1000/hidden',
  '/api/handles/88.1000/ends',
  '/api/handles/88.1000/never-kept',
  '/api/handles/88.1000/large',
  '/api/handles/88.1000/absent',
  '/api/handles/88.9/foreign',
  '/api/handles/88.1000/plain/',
  '/api/handles//88.1000/plain',
  '/api/handles/88.1000//plain',
  '/api/handles/88.1000/../88.1000/plain',
  '/api/handles/88.1000/plain?',
  '/api/handles/88.1000/plain?index=1',
  '/api/handles/88.1000/plain?pretty&auth',
  '/api/handles/88.1000/plain?auth=perhaps',
  '/api/handles/88.1000/plain;x',
  '/api/handles/88.1000/plain#x',
  '/api/handles/88.1000/plain%',
  '/api/handles/88.1000/plain%zz',
  '/api/handles/88.1000/plain%E8%AE',
  '/api/handles/88.1000/plain%00',
  '/api/handles/88.1000/plain%0d%0a',
  '/api/handles/88.1000',
  '/api/handles/',
  '/api/handles',
  '/API/handles/88.1000/plain',
  '/88.1000/plain',
  '/88.1000/plain?noredirect',
  '/health/live',
  '/nowhere',
  '/',
  `/api/handles/88.1000/${'x'.repeat(2060)}`,
  `/api/handles/88.1000/${'x'.repeat(20_000)}`,
]

const bodyHeaders = [
  'Content-Length: 2',
  'Content-Type: application/json\r\nContent-Length: 2',
  'Content-Length: 02',
  'Content-Length: +2',
  'Content-Length: 2\r\nContent-Length: 2',
  'Content-Length: 2, 2',
  'Content-Length: 1',
  'Content-Length: 3',
  'Content-Length: 2\r\nExpect: 100-continue',
]

const harmlessHeaders = [
  'User-Agent: a client/1.0 (of some kind)',
  'Accept: */*',
  'accept-encoding: gzip, deflate, br',
  'ACCEPT-LANGUAGE: zh-CN,zh;q=0.9',
  'Connection: keep-alive',
  'connection: Keep-Alive',
  'Cookie: session=1; other=2',
  'Cache-Control: no-cache',
  'X-Forwarded-For: 192.0.2.1',
]

const otherHeaders = [
  'If-None-Match: *',
  'If-None-Match: "x"',
  'If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT',
  'If-Match: "x"',
  'Range: bytes=0-1',
  'Authorization: Basic eDp5',
  'X-Request-Id: 7',
  'X-Unknown: 1',
  'Connection: close',
  'Connection: keep-alive, close',
  'Connection: Upgrade\r\nUpgrade: websocket',
  'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__',
  'Upgrade: websocket',
  'Keep-Alive: timeout=1',
  'Expect: 100-continue',
  'Expect: 200-ok',
  'Content-Type: application/json',
  'Content-Length: 0',
  'Content-Length: 2',
  'Transfer-Encoding: chunked\r\nTrailer: X',
  'Trailer: X',
  'TE: trailers',
  'Host: node',
  'Proxy-Connection: keep-alive',
  'X-Spaces:   before and after   ',
  'X-Tab:\tx',
  'X-Latin: \xe4\xf6',
  'X-Name With Space: x',
  'X_Under: x',
  `X-Long: ${'y'.repeat(2000)}`,
  `X-Too-Long: ${'y'.repeat(17_000)}`,
]
