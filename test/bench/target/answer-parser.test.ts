import { describe, expect, test } from 'vitest'
import { AnswerParser, type ParsedAnswer } from '../../../bench/target/answer-parser.ts'

const answers: Readonly<
  Record<string, readonly [bytes: string, status: number, body: string, keepsAlive: boolean]>
> = {
  'a length': ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', 200, 'hello', true],
  'an empty body': ['HTTP/1.1 404 Not Found\r\ncontent-length:0\r\n\r\n', 404, '', true],
  'no body by status': ['HTTP/1.1 204 No Content\r\nDate: x\r\n\r\n', 204, '', true],
  chunks: [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;name=x\r\n world\r\n0\r\n\r\n',
    200,
    'hello world',
    true,
  ],
  'chunks with trailers': [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n',
    200,
    'hi',
    true,
  ],
  'a wish to close': [
    'HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}',
    503,
    '{}',
    false,
  ],
  'HTTP/1.0': ['HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}', 200, '{}', false],
  'an interim answer': [
    'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}',
    200,
    '{}',
    true,
  ],
  'a body that looks like a head': [
    'HTTP/1.1 200 OK\r\nContent-Length: 23\r\n\r\nHTTP/1.1 500 No\r\n\r\n\r\n\r\n',
    200,
    'HTTP/1.1 500 No\r\n\r\n\r\n\r\n',
    true,
  ],
}

describe.each(Object.entries(answers))('an answer with %s', (_name, [text, status, body, keepsAlive]) => {
  test('is the same however it is cut', () => {
    const bytes = Buffer.from(text)
    for (let cut = 0; cut <= bytes.length; cut++) {
      const [answer] = parse([bytes.subarray(0, cut), bytes.subarray(cut)])
      expect([answer?.status, answer?.body.toString(), answer?.keepsAlive]).toEqual([
        status,
        body,
        keepsAlive,
      ])
    }
    const [single] = parse([...bytes].map((byte) => Buffer.from([byte])))
    expect(single?.body.toString()).toBe(body)
  })
})

test('an answer without a length ends with the connection', () => {
  const parser = new AnswerParser({ bytesMax: 100 })
  expect(parser.push(Buffer.from('HTTP/1.1 200 OK\r\n\r\nhel'))).toBeUndefined()
  expect(parser.push(Buffer.from('lo'))).toBeUndefined()
  expect(parser.finish()).toMatchObject({ status: 200, keepsAlive: false })
})

test('a connection that ends within a body of known length gives no answer', () => {
  const parser = new AnswerParser({ bytesMax: 100 })
  parser.push(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel'))
  expect(parser.isWithin).toBe(true)
  expect(parser.finish()).toBeUndefined()
})

test('headers are read by name, repeated ones joined', () => {
  const [answer] = parse([
    Buffer.from('HTTP/1.1 307 Go\r\nLocation: /there\r\nVary: a\r\nvary: b\r\nContent-Length: 0\r\n\r\n'),
  ])
  expect(answer?.headers).toMatchObject({ location: '/there', vary: 'a, b' })
})

test.each([
  ['not HTTP', 'SSH-2.0-OpenSSH\r\n\r\n', 'begins with "SSH-2.0-OpenSSH"'],
  ['a chunk without a size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 'the size "zz"'],
  [
    'bytes that nobody asked for',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1',
    '8 bytes after the end',
  ],
  ['a body above the bound', 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n', 'above 100 bytes'],
  [
    'endless chunks',
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7f\r\n${'x'.repeat(127)}\r\n`,
    'above 100 bytes',
  ],
  ['an endless head', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}`, 'a head above'],
])('%s is a typed error', (_name, text, said) => {
  expect(() => parse([Buffer.from(text)])).toThrow(said)
})

function parse(chunks: readonly Buffer[]): ParsedAnswer[] {
  const parser = new AnswerParser({ bytesMax: 100 })
  return chunks.flatMap((chunk) => (chunk.length === 0 ? [] : (parser.push(chunk) ?? [])))
}
