import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Answer, type Asking, ask } from '../support/ask.ts'
import { basic, type Ended, NodePlace, type NodeProcess, testPrefix } from '../support/node-process.ts'
import { RawConnection } from '../support/raw-connection.ts'

const user = `300:${testPrefix}/ADMIN`
const handles = `/api/handles/${testPrefix}`
const wrongSecret = 'wrong-but-typed-by-somebody'
const registeredSecret = 'of-a-record-registered-here'

let place: NodePlace
beforeEach(async () => {
  place = await NodePlace.create()
})
afterEach(() => place[Symbol.asyncDispose]())

test('with a secret file no secret is written anywhere, whatever is asked and however it ends', async () => {
  const node = await place.start({
    'log-level': 'trace',
    'body-bytes-max': '2KiB',
    'header-bytes-max': '4KiB',
  })
  const secret = (await readFile(place.secretFile, 'utf8')).trim()
  await askEverything(node, secret)
  const first = await node.stop()
  const again = await place.start({ 'log-level': 'trace' })
  const second = await again.stop()
  for (const secretText of [secret, wrongSecret, registeredSecret]) {
    expect(traces(first, secretText)).toEqual([])
    expect(traces(second, secretText)).toEqual([])
  }
})

test('without one it is on the line that shows it once, and nowhere else', async () => {
  const flags = { 'log-level': 'trace', 'header-bytes-max': '4KiB', 'admin-secret-file': [] }
  const node = await place.start(flags)
  const shown = /^Homed prefix .*; secret \(shown this once\): (\S+)$/m.exec(node.stderr())
  const [line = '', secret = ''] = shown ?? []
  expect(secret.length).toBeGreaterThanOrEqual(32)
  await askEverything(node, secret)
  const first = await node.stop()
  expect(first.stderr.split(line)).toHaveLength(2)
  const second = await (await place.start(flags)).stop()
  const others = { ...first, stderr: first.stderr.replace(line, '') }
  for (const secretText of [secret, wrongSecret, registeredSecret]) {
    expect(traces(others, secretText)).toEqual([])
    expect(traces(second, secretText)).toEqual([])
  }
})

test('a request that fails by the fault of the node is logged, without what it was authenticated by', async () => {
  // One thread: another could take the second request before the first one, already told to go on, is counted.
  const node = await place.start({ 'log-level': 'trace', 'requests-in-flight-max': '1', workers: '1' })
  const secret = (await readFile(place.secretFile, 'utf8')).trim()
  const authorization = basic(user, secret)
  const holder = await RawConnection.open(node.url)
  holder.send(
    `PUT ${handles}/held HTTP/1.1\r\nHost: node\r\nAuthorization: ${authorization}\r\n` +
      'Content-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n',
  )
  await holder.until(/100 Continue/)
  const refused = await put(node, { authorization, body: secretValue })
  expect(refused.status).toBe(503)
  holder.destroy()
  const ended = await node.stop()
  expect(ended.stdout).toContain('"msg":"request failed"')
  for (const secretText of [secret, registeredSecret]) expect(traces(ended, secretText)).toEqual([])
})

const secretValue = [{ index: 300, type: 'HS_SECKEY', data: registeredSecret, permissions: '1100' }]

/** Right and wrong secrets, on every kind of route, in requests that succeed and in ones that fail in every way. */
async function askEverything(node: NodeProcess, secret: string): Promise<void> {
  const right = basic(user, secret)
  const wrong = basic(user, wrongSecret)
  expect((await put(node, { authorization: right, body: secretValue })).status).toBe(201)
  expect((await put(node, { authorization: wrong, body: secretValue })).status).toBe(401)
  const damaged = [
    `${right}!`,
    `Bearer ${right.slice(6)}`,
    right.slice(6),
    `Basic ${secret}`,
    `${user}:${secret}`,
  ]
  for (const authorization of [right, wrong, ...damaged]) {
    for (const [target, asking] of everyKind) await ask(node.url + target, { ...asking, authorization })
  }
  const own = basic(`300:${testPrefix}/own`, registeredSecret)
  expect((await ask(`${node.url}${handles}/own?publicOnly=false`, { authorization: own })).status).toBe(403)
  await sendMalformed(node, right)
  await bulk(node, right)
  await bulk(node, wrong)
}

const everyKind: readonly (readonly [target: string, asking: Asking])[] = [
  [`${handles}/ADMIN?publicOnly=false&pretty`, {}],
  [`${handles}/ADMIN?index=x`, {}],
  ['/api/handles/88.9/foreign', {}],
  [`/api/handles?prefix=${testPrefix}`, {}],
  [`/api/registrations?prefix=${testPrefix}`, {}],
  ['/api/statistics', {}],
  ['/metrics', {}],
  [`${handles}/absent`, { method: 'DELETE' }],
  [`${handles}/own`, { method: 'PATCH', body: secretValue }],
  [`${handles}/own`, { method: 'PUT', body: `[{"type":"HS_SECKEY","data":"${registeredSecret}"` }],
  [`${handles}/own`, { method: 'PUT', body: [{ index: 0, type: 'HS_SECKEY', data: registeredSecret }] }],
  [`${handles}/own`, { method: 'PUT', body: registeredSecret.repeat(100) }],
  [`${handles}/%zz`, { method: 'PUT', body: secretValue }],
]

function put(node: NodeProcess, asking: Asking): Promise<Answer> {
  return ask(`${node.url}${handles}/own`, { method: 'PUT', ...asking })
}

/** What is refused before it reaches a route. */
async function sendMalformed(node: NodeProcess, authorization: string): Promise<void> {
  for (const rest of [
    `X-Long: ${'x'.repeat(5000)}\r\n\r\n`,
    'no colon\r\n\r\n',
    'Content-Length: x\r\n\r\n',
  ]) {
    const connection = await RawConnection.open(node.url)
    connection.send(`PUT ${handles}/own HTTP/1.1\r\nHost: node\r\nAuthorization: ${authorization}\r\n${rest}`)
    expect(await connection.untilEnd()).toMatch(/^HTTP\/1\.1 4/)
  }
}

/** Items that register, that fail alone, and that are no items. */
async function bulk(node: NodeProcess, authorization: string): Promise<void> {
  const item = (handle: string): string => JSON.stringify({ handle, values: secretValue })
  const lines = [item(`${testPrefix}/bulk`), item('88.9/foreign'), `{"handle":"${registeredSecret}`, '[1]']
  await ask(`${node.url}/api/registrations`, {
    method: 'POST',
    authorization,
    headers: { 'content-type': 'application/x-ndjson' },
    body: `${lines.join('\n')}\n`,
  })
}

/** The lines that hold the secret in any form in which it travels or is stored. */
function traces({ stdout, stderr }: Ended, secret: string): string[] {
  const bytes = Buffer.from(secret)
  const credentials = basic(user, secret).slice('Basic '.length)
  const forms = [secret, bytes.toString('hex'), bytes.toString('base64'), credentials, bytes.join(',')]
  return `${stdout}\n${stderr}`.split('\n').filter((line) => forms.some((form) => line.includes(form)))
}
