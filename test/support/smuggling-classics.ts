/** The path of a record that both sides of a comparison hold. */
export const plainPath = '/api/handles/88.1000/plain'

/** A plain request of which everything is as the hot lane likes it. */
export const plainRequest = get('/api/handles/88.1000/plain', 'Host: node')

/** What attacks on servers that stand in a row have in common: two parsers that read one stream differently. */
export const smugglingClassics: readonly string[] = [
  ...[
    'Content-Length: 6\r\nTransfer-Encoding: chunked',
    'Transfer-Encoding: chunked\r\nContent-Length: 4',
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: xchunked',
    'Transfer-Encoding : chunked',
    'Transfer-Encoding:\tchunked',
    'Transfer-Encoding: chunked, identity',
    'X: y\r\n Transfer-Encoding: chunked',
    'Content-Length: 5\r\nContent-Length: 6',
    'Content-Length: +5',
    'Content-Length: 0x5',
    'Content-Length: 5',
    'Content-Length : 5',
    'Content-Length:5',
    ' Content-Length: 5',
  ].flatMap((header) => {
    const text = `${get(plainPath, `Host: node\r\n${header}`)}0\r\n\r\n${plainRequest}`
    return [text, text.replace('GET', 'PUT'), text.replace('GET', 'DELETE')]
  }),
  plainRequest.replaceAll('\r\n', '\n'),
  plainRequest.replace('Host: node\r\n', 'Host: node\n'),
  plainRequest.replace('\r\n\r\n', '\n\n'),
  plainRequest.replace('\r\n\r\n', '\r\n\r'),
  plainRequest.replace('\r\n\r\n', '\r\n \r\n\r\n'),
  get(plainPath, 'Host: node\r\nX-Folded: one\r\n two'),
  get(plainPath, 'Host: node\r\nHost: other'),
  get(plainPath, 'Host: node, other'),
  get(plainPath, 'Host:'),
  get(plainPath, 'User-Agent: nobody'),
  get(plainPath, 'Host: node\r\nX-Nothing:'),
  get(plainPath, 'Host: node\r\nX\0: y'),
  get(plainPath, 'Host: node\r\nX: \0'),
  get(plainPath, 'Host: node\r\nX: \x7f'),
  get(plainPath, 'Host: node\r\nno colon'),
  get(plainPath, 'Host: node\r\n: no name'),
  get(plainPath, 'Host: node\r\nX: \r'),
  get('http://node/api/handles/88.1000/plain', 'Host: other'),
  get('http://node/api/handles/88.1000/plain', 'Host: node'),
  get('/api/handles/88.1000/plain\0', 'Host: node'),
  get('/api/handles/88.1000/pla in', 'Host: node'),
  get('/api/handles/88.1000/plain\t', 'Host: node'),
  get('*', 'Host: node'),
  plainRequest.replace('GET ', 'GET  '),
  plainRequest.replace(' HTTP', '  HTTP'),
  plainRequest.replace(' HTTP', '\tHTTP'),
  plainRequest.replace('HTTP/1.1', 'HTTP/1.0'),
  plainRequest.replace('HTTP/1.1', 'HTTP/1.0\r\nConnection: keep-alive'),
  plainRequest.replace('HTTP/1.1', 'HTTP/2.0'),
  plainRequest.replace('HTTP/1.1', 'http/1.1'),
  plainRequest.replace('HTTP/1.1', 'HTTP/1.1 '),
  plainRequest.replace(' HTTP/1.1', ''),
  `\r\n${plainRequest}`,
  `\r\n\r\n${plainRequest}`,
  ` ${plainRequest}`,
  `${plainRequest}\r\n`,
  `${plainRequest}\0`,
  `${plainRequest}G`,
  `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`,
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
]

/** A GET with these headers. */
export function get(target: string, headers: string): string {
  return `GET ${target} HTTP/1.1\r\n${headers}\r\n\r\n`
}
