import type { Capture, Exchange } from './capture.ts'
import { explainHttp, explainMessage, type Row } from './explain.ts'

const names = { http: 'HTTP', tcp: 'Native protocol over TCP', udp: 'Native protocol over UDP' } as const

/** docs/protocols.md from a capture: every byte of each message, in order, with what it says. */
export function renderProtocols(capture: Capture): string {
  const sections = (Object.keys(names) as (keyof Capture)[]).flatMap((transport) =>
    section(transport, capture[transport]),
  )
  return [introduction, ...sections, conclusion].join('\n')
}

/** The bytes that a document shows, read from its tables. */
export function bytesInDocument(document: string, transport: keyof Capture): Exchange {
  const start = document.indexOf(`## ${names[transport]}\n`)
  const next = document.indexOf('\n## ', start + 1)
  const [request = '', answer = ''] = document
    .slice(start, next === -1 ? undefined : next)
    .split('\n### Answer')
  return { request: hexOf(request), answer: hexOf(answer) }
}

function hexOf(text: string): Buffer {
  const cells = [...text.matchAll(/^\| `([0-9a-f ]*)` \|/gm)].map((match) =>
    (match[1] ?? '').replaceAll(' ', ''),
  )
  return Buffer.from(cells.join(''), 'hex')
}

function section(transport: keyof Capture, { request, answer }: Exchange): string[] {
  const explain = transport === 'http' ? explainHttp : explainMessage
  return [
    `## ${names[transport]}`,
    '',
    `### Request, ${request.length} bytes`,
    '',
    ...table(explain(request)),
    '',
    `### Answer, ${answer.length} bytes`,
    '',
    ...table(explain(answer)),
    '',
  ]
}

function table(rows: readonly Row[]): string[] {
  return [
    '| bytes | field | meaning |',
    '|--|--|--|',
    ...rows.map(
      ({ hex, field, meaning }) => `| \`${spaced(hex)}\` | ${field} | ${meaning.replaceAll('|', '\\|')} |`,
    ),
  ]
}

function spaced(hex: string): string {
  return hex.replace(/(..)(?=.)/g, '$1 ')
}

const introduction = `# One resolve by each transport, byte by byte

The handle \`88.118/part-1\` with one value, resolved over the HTTP JSON API (port 8000 by default), and over the native Handle
protocol (RFC 3651 and 3652; \`--wire-port 2641\`) by TCP and by UDP. The bytes are a capture of a running node, made with
\`node scripts/write-protocols.ts\`; a test takes them out of this page, reads them with the node's codec and compares
them with a node of its own.

All integers of the native protocol are big-endian; texts are UTF-8 after their length in bytes.
`

const conclusion = `## What the transports have in common, and where they differ

- The body of the native answer is the record exactly as the store keeps it and the cache holds it: an answer from the cache
  is 44 new bytes before it and the empty credential behind it.
- Over TCP a connection carries any number of requests at a time; answers come as they are ready, and the request id says
  which is whose. A listing too long for one message comes in several, of which all but the last have the flag \`continuous\`.
- A UDP packet has at most 512 bytes with its envelope. A longer message, request or answer, goes in several: each has
  the envelope of the whole with the flag 0x20 (truncated) and its number as sequence, then up to 492 bytes.
- Over UDP nothing longer than 65,536 bytes is said: the answer is response code 2 and asks to come by TCP. Over TCP the protocol's own
  bound is 262,144 bytes.
- A request that has to be authenticated is answered with response code 402, a session, the digest of the request and a nonce; the client answers
  with operation 200 and a proof over both: MD5, SHA-1, SHA-256, their HMACs or PBKDF2 with the secret of an HS_SECKEY value, or an RSA signature
  for an HS_PUBKEY value.
- Certified and encrypted answers and sessions (operations 400 to 402) need a key of the server and are refused with response code 5.
  The reference Java client sets up a session before it administers unless told not to: \`resolver.setSessionTracker(null)\`.
`
