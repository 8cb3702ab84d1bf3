import { createHash, createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Answer, ask } from '../support/ask.ts'
import { type MemoryNode, startMemoryNode } from '../support/memory-node.ts'
import { startWorkerNode } from '../support/worker-node.ts'

type Opened = { readonly sessionId: string; readonly nonce: string }

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
const secret = 'the secret of 301'
const record = [{ index: 1, type: 'URL', data: 'https://example.org/' }]
const cnonce = Buffer.from('sixteen bytes 16').toString('base64')

/** What the administrator's record of these tests holds beside the administrator's own secret. */
const keyValues = [
  { index: 301, type: 'HS_SECKEY', data: secret, permissions: '1100' },
  { index: 302, type: 'HS_PUBKEY', data: { format: 'key', value: keys.publicKey.export({ format: 'jwk' }) } },
]
const administrators = [301, 302].map((index) => ({
  index,
  type: 'HS_ADMIN',
  data: { format: 'admin', value: { handle: '88.1000/KEYS', index, permissions: '111111111111' } },
}))

let node: MemoryNode
beforeAll(async () => {
  node = await startMemoryNode()
  await administer('/api/handles/88.1000/KEYS', keyValues)
  await administer('/api/handles/0.NA%2F88.1000?index=301&index=302', administrators)
})
afterAll(() => node[Symbol.asyncDispose]())

let session: Opened
beforeEach(async () => {
  session = await begin(node.url)
})

describe('a session', () => {
  test('is begun with a name and a nonce of its own, 201', async () => {
    const other = await begin(node.url)
    expect(session.sessionId).toMatch(/^[\w-]{20,}$/)
    expect(Buffer.from(session.nonce, 'base64')).toHaveLength(16)
    expect([other.sessionId, other.nonce]).not.toEqual([session.sessionId, session.nonce])
  })

  test('nobody is signed in to yet is 401, and gives its nonce again', async () => {
    const answer = await within(session.sessionId)
    expect([answer.status, answer.json()]).toEqual([
      401,
      { responseCode: 402, ...session, authenticated: false },
    ])
    expect((await write(session.sessionId)).status).toBe(401)
  })

  test.each([
    ['HS_PUBKEY', '302:88.1000/KEYS', 'SHA256', () => signed(keys.privateKey, 'sha256')],
    ['HS_PUBKEY', '302%3A88.1000%2FKEYS', 'SHA1', () => signed(keys.privateKey, 'sha1')],
    ['HS_SECKEY', '301:88.1000/keys', 'SHA256', () => digested('sha256', secret)],
    ['HS_SECKEY', '301:88.1000/KEYS', 'HMAC-SHA256', () => authenticated('sha256', secret)],
  ] as const)(
    'is signed in to with an %s as %s by %s, then writes and signs out',
    async (type, id, alg, proof) => {
      const answer = await prove({ id, type, alg, signature: proof() })
      expect(answer.status, answer.text).toBe(200)
      const signedIn = { ...session, authenticated: true, id: answer.json().id }
      expect(answer.json()).toEqual(signedIn)
      expect(String(signedIn.id).toUpperCase()).toBe(`${id.slice(0, 3)}:88.1000/KEYS`)
      const seen = await within(session.sessionId)
      expect([seen.status, seen.json()]).toEqual([200, signedIn])
      expect((await write(session.sessionId)).status).toBeLessThan(300)
      expect((await within(session.sessionId, 'DELETE')).status).toBe(204)
      expect((await within(session.sessionId)).status).toBe(401)
      expect((await write(session.sessionId)).status).toBe(401)
      // The same proof again opens nothing: whoever listened has nothing of it.
      expect((await prove({ id, type, alg, signature: proof() })).status).toBe(401)
    },
  )

  test('is proved in a JSON body as well', async () => {
    const proof = { ...session, id: '302:88.1000/KEYS', type: 'HS_PUBKEY', cnonce, alg: 'SHA256' }
    const body = { ...proof, signature: signed(keys.privateKey, 'sha256') }
    const answer = await node.ask('/api/sessions/this', { method: 'PUT', body })
    expect([answer.status, answer.json().id]).toEqual([200, '302:88.1000/KEYS'])
    const wrong = await node.ask('/api/sessions/this', { method: 'PUT', body: { ...body, alg: 256 } })
    expect([wrong.status, wrong.json().message]).toEqual([400, 'alg is 256; expected text'])
  })

  test('and its proof may come with the request that needs them', async () => {
    const signature = signed(keys.privateKey, 'sha256')
    const header = `Handle sessionId="${session.sessionId}", id="302:88.1000/KEYS", type="HS_PUBKEY", cnonce="${cnonce}", alg="SHA256", signature="${signature}"`
    const target = `${node.url}/api/handles/88.1000/at-once`
    expect((await ask(target, { method: 'PUT', authorization: header, body: record })).status).toBe(201)
    expect((await write(session.sessionId)).status).toBeLessThan(300)
  })

  test.each([
    [
      'another key signed',
      () => ({ signature: signed(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, 'sha256') }),
    ],
    [
      'the signature is of another algorithm',
      () => ({ alg: 'SHA1', signature: signed(keys.privateKey, 'sha256') }),
    ],
    [
      'the client names another nonce',
      () => ({ cnonce: 'AAAA', signature: signed(keys.privateKey, 'sha256') }),
    ],
    [
      'there is no such value',
      () => ({ id: '399:88.1000/KEYS', signature: signed(keys.privateKey, 'sha256') }),
    ],
    ['the value is no key', () => ({ id: '301:88.1000/nobody', signature: '' })],
    [
      'the type is that of another key',
      () => ({ type: 'HS_SECKEY', signature: signed(keys.privateKey, 'sha256') }),
    ],
    ['the algorithm is unknown', () => ({ alg: 'CRC32', signature: signed(keys.privateKey, 'sha256') })],
    ['the record is of another node', () => ({ id: '300:99.1/ADMIN', signature: 'AAAA' })],
    ['the id is none', () => ({ id: 'ADMIN', signature: 'AAAA' })],
    [
      'the secret is wrong',
      () => ({ id: '301:88.1000/KEYS', type: 'HS_SECKEY', signature: digested('sha256', 'guess') }),
    ],
  ])('is not signed in to when %s', async (_what, proof) => {
    const answer = await prove({ id: '302:88.1000/KEYS', type: 'HS_PUBKEY', alg: 'SHA256', ...proof() })
    expect([answer.status, answer.json().responseCode], answer.text).toEqual([401, 402])
    expect(answer.headers.get('www-authenticate')).toMatch(
      /Handle sessionId="[\w-]+", nonce="[^"]+", error="/,
    )
    expect((await write(session.sessionId)).status).toBe(401)
  })

  test('that nobody proves within ten minutes has ended; one that is signed in to lasts an hour', async () => {
    const proof = {
      id: '302:88.1000/KEYS',
      type: 'HS_PUBKEY',
      alg: 'SHA256',
      signature: signed(keys.privateKey, 'sha256'),
    }
    const unproved = await begin(node.url)
    expect((await prove(proof)).status).toBe(200)
    node.clock.advanceSeconds(601)
    expect((await within(unproved.sessionId)).json()).toEqual({ responseCode: 402, authenticated: false })
    expect((await write(session.sessionId)).status).toBeLessThan(300)
    node.clock.advanceSeconds(3000)
    expect((await write(session.sessionId)).status).toBe(401)
  })

  test('ends when the key that proved it is replaced', async () => {
    expect(
      (await prove({ id: '301:88.1000/KEYS', alg: 'SHA256', signature: digested('sha256', secret) })).status,
    ).toBe(200)
    const other = [{ index: 301, type: 'HS_SECKEY', data: 'another', permissions: '1100' }]
    await administer('/api/handles/88.1000/KEYS?index=301', other)
    expect((await write(session.sessionId)).status).toBe(401)
    await administer('/api/handles/88.1000/KEYS?index=301', keyValues.slice(0, 1))
  })

  test('cannot be named by guessing or by changing a name', async () => {
    const changed = `${session.sessionId.slice(0, -2)}AA`
    for (const name of ['', 'x', changed, Buffer.alloc(32).toString('base64url')]) {
      expect((await within(name)).json()).toEqual({ responseCode: 402, authenticated: false })
    }
  })
})

test('a refusal for want of authentication offers a secret or a session', async () => {
  const refused = await node.ask('/api/handles/88.1000/x', { method: 'PUT', body: record })
  const offered = refused.headers.get('www-authenticate') ?? ''
  const [, sessionId = '', nonce = ''] =
    /^Basic realm="handle", Handle sessionId="([^"]+)", nonce="([^"]+)"$/.exec(offered) ?? []
  expect((await within(sessionId)).json()).toMatchObject({ sessionId, nonce })
})

test('every worker knows who signed in on one of them', async () => {
  await using workers = await startWorkerNode({ workers: 2 })
  const { url, administrator } = workers
  const put = (target: string, body: unknown) =>
    ask(url + target, { method: 'PUT', authorization: administrator, body, headers: { connection: 'close' } })
  expect((await put('/api/handles/88.1000/KEYS', keyValues)).status).toBe(201)
  session = await begin(url)
  const signature = signed(keys.privateKey, 'sha256')
  const proof = { ...session, id: '302:88.1000/KEYS', cnonce, alg: 'SHA256', signature }
  expect((await ask(`${url}/api/sessions/this`, { method: 'PUT', body: proof })).status).toBe(200)
  const headers = { connection: 'close', authorization: `Handle sessionId="${session.sessionId}"` }
  const answeredBy = new Set<unknown>()
  for (let request = 0; request < 200 && answeredBy.size < 2; request++) {
    answeredBy.add(
      (await ask(`${url}/api/statistics`, { headers: { connection: 'close' } })).json().answeredByWorker,
    )
    expect((await ask(`${url}/api/sessions/this`, { headers })).status).toBe(200)
  }
  expect(answeredBy.size).toBe(2)
})

async function administer(target: string, body: unknown): Promise<void> {
  const answer = await node.administer(target, { method: 'PUT', body })
  expect(answer.status, answer.text).toBeLessThan(300)
}

async function begin(url: string): Promise<Opened> {
  const answer = await ask(`${url}/api/sessions`, { method: 'POST' })
  expect(answer.status).toBe(201)
  return answer.json() as Opened
}

function within(sessionId: string, method = 'GET'): Promise<Answer> {
  return node.ask('/api/sessions/this', { method, authorization: `Handle sessionId="${sessionId}"` })
}

function write(sessionId: string): Promise<Answer> {
  const authorization = `Handle sessionId="${sessionId}"`
  return node.ask('/api/handles/88.1000/written', { method: 'PUT', authorization, body: record })
}

function prove(proof: Readonly<Record<string, string>>): Promise<Answer> {
  const parameters = Object.entries({ sessionId: session.sessionId, cnonce, ...proof })
  const authorization = `Handle ${parameters.map(([name, value]) => `${name}="${value}"`).join(', ')}`
  return node.ask('/api/sessions/this', { method: 'PUT', authorization })
}

function challenged(): Buffer {
  return Buffer.concat([Buffer.from(session.nonce, 'base64'), Buffer.from(cnonce, 'base64')])
}

function signed(key: KeyObject, algorithm: string): string {
  return createSign(algorithm).update(challenged()).sign(key, 'base64')
}

function digested(algorithm: string, key: string): string {
  return createHash(algorithm).update(key).update(challenged()).update(key).digest('base64')
}

function authenticated(algorithm: string, key: string): string {
  return createHmac(algorithm, key).update(challenged()).digest('base64')
}
