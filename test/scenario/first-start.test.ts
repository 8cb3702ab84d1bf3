import { once } from 'node:events'
import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ask } from '../support/ask.ts'
import { freePort } from '../support/free-port.ts'
import { basic, NodePlace, type NodeProcess, testPrefix } from '../support/node-process.ts'

const user = `300:${testPrefix}/ADMIN`

let place: NodePlace
beforeEach(async () => {
  place = await NodePlace.create()
})
afterEach(() => place[Symbol.asyncDispose]())

describe('without a secret file', () => {
  test('the first start shows the secret once, on the terminal and not in the log, and the second does not', async () => {
    const first = await place.start({ 'admin-secret-file': [] })
    const secret = shownSecret(first)
    expect(first.stderr().split(secret)).toHaveLength(2)
    expect(first.stdout()).not.toContain(secret)
    expect(first.stderr()).toContain(`Administrator ${user};`)
    expect(await canRegister(first, secret)).toBe(true)
    await first.stop()

    const second = await place.start({ 'admin-secret-file': [] })
    expect(second.stderr()).toBe('')
    expect(await canRegister(second, secret)).toBe(true)
    expect(await canRegister(second, 'another')).toBe(false)
  })

  test('the command that it shows works as it is shown', async () => {
    const node = await place.start({ 'admin-secret-file': [] })
    const [, shownUser, body, path] =
      /curl -u '([^:]+):SECRET' -X PUT -H 'Content-Type: application\/json' -d '(.+)' NODE(\S+)/.exec(
        node.stderr(),
      ) ?? []
    const answer = await ask(node.url + path, {
      method: 'PUT',
      authorization: `Basic ${Buffer.from(`${shownUser}:${shownSecret(node)}`).toString('base64')}`,
      body: String(body),
    })
    expect(answer.status, answer.text).toBe(201)
  })
})

describe('with a secret file', () => {
  test('the first start writes the secret into it for its owner alone and does not show it', async () => {
    const node = await place.start()
    const { mode } = await stat(place.secretFile)
    expect((mode & 0o777).toString(8)).toBe('600')
    const secret = (await readFile(place.secretFile, 'utf8')).trim()
    expect(secret.length).toBeGreaterThanOrEqual(32)
    expect(node.stderr()).toContain(`the secret is in ${place.secretFile}`)
    expect(node.stderr() + node.stdout()).not.toContain(secret)
    expect(await canRegister(node, secret)).toBe(true)
  })

  test('a secret that the operator put there is taken and left as it is', async () => {
    await writeFile(place.secretFile, 'chosen by the operator\n', { mode: 0o640 })
    await chmod(place.secretFile, 0o640)
    const node = await place.start()
    expect(await canRegister(node, 'chosen by the operator')).toBe(true)
    expect(await readFile(place.secretFile, 'utf8')).toBe('chosen by the operator\n')
    expect(((await stat(place.secretFile)).mode & 0o777).toString(8)).toBe('640')
  })

  test('an empty one, or one that cannot be written, ends the start before anything is served', async () => {
    await writeFile(place.secretFile, '\n')
    const empty = await place.serveToEnd()
    expect(empty.code).toBe(2)
    expect(empty.stderr).toBe(
      `erji: --admin-secret-file "${place.secretFile}" is empty; expected a secret on one line\n`,
    )
    const impossible = await place.serveToEnd({ 'admin-secret-file': `${place.secretFile}/under-a-file` })
    expect(impossible.code).toBe(2)
    expect(impossible.stderr).toMatch(/^erji: --admin-secret-file ".*" cannot be written: /)
    const directory = await place.serveToEnd({ 'admin-secret-file': place.directory })
    expect(directory.code).toBe(2)
    expect(directory.stderr).toMatch(/^erji: --admin-secret-file ".*" cannot be read: EISDIR.*\n$/)
  })
})

describe('a first start that cannot listen', () => {
  for (const workers of ['1', '2']) {
    for (const taken of ['port', 'wire-port']) {
      test(`on its --${taken} loses no secret: it is shown once, by this start or the next (${workers} workers)`, async () => {
        const [port, wirePort] = [await freePort(), await freePort()]
        const flags = { 'admin-secret-file': [], workers, port: String(port), 'wire-port': String(wirePort) }
        const other = createServer()
        other.listen({ host: '127.0.0.1', port: taken === 'port' ? port : wirePort })
        await once(other, 'listening')
        const failed = await place.serveToEnd(flags)
        expect(failed.code, failed.stderr).toBe(1)
        expect(failed.stderr).toContain('it is in use by another process')
        other.close()
        await once(other, 'close')

        const node = await place.start(flags)
        const shown = [...(failed.stderr + node.stderr()).matchAll(/secret \(shown this once\): (\S+)/g)]
        expect(shown).toHaveLength(1)
        expect(await canRegister(node, shown[0]?.[1] ?? '')).toBe(true)
      })
    }
  }
})

describe('a later start says in its log that', () => {
  for (const workers of ['1', '2']) {
    test(`a secret file that is not there, or holds another secret, does not count (${workers} workers)`, async () => {
      const first = await place.start({ workers })
      await first.stop()
      const same = await place.start({ workers })
      expect(same.stdout()).not.toContain('admin-secret-file')
      await same.stop()
      const secret = (await readFile(place.secretFile, 'utf8')).trim()

      await writeFile(place.secretFile, 'a newer secret\n')
      const changed = await place.start({ workers })
      expect(changed.stdout()).toContain(`holds another secret than ${user} has`)
      expect(await canRegister(changed, secret)).toBe(true)
      expect((await changed.stop()).stdout).not.toContain('a newer secret')

      await rm(place.secretFile)
      const missing = await place.start({ workers })
      expect(missing.stdout()).toMatch(/cannot be read: ENOENT.*; the prefixes here keep the secrets/)
      await missing.stop()
    })
  }
})

test('a prefix that a later start adds is homed beside the first', async () => {
  await (await place.start()).stop()
  const node = await place.start({ prefix: [testPrefix, '88.2000'] })
  expect(node.stderr()).toContain('Homed prefix 88.2000.')
  expect(node.stderr()).not.toContain(`Homed prefix ${testPrefix}.`)
  for (const prefix of [testPrefix, '88.2000']) {
    const answer = await ask(`${node.url}/api/handles/${prefix}/new`, {
      method: 'PUT',
      authorization: await place.authorization(prefix),
      body: [],
    })
    expect(answer.status).toBe(201)
  }
})

test('no secret reaches the log, whatever is asked and however it ends', async () => {
  const node = await place.start({ 'log-level': 'trace', 'body-bytes-max': '1KiB' })
  const right = await place.authorization()
  const wrong = basic(user, 'a wrong secret')
  for (const authorization of [right, wrong, `${right}!`, right.toLowerCase(), `Bearer ${right.slice(6)}`]) {
    for (const [method, path, body] of [
      ['GET', `/api/handles/${testPrefix}/ADMIN?publicOnly=false`, undefined],
      ['PUT', `/api/handles/${testPrefix}/logged`, [{ index: 1, type: 'URL', data: 'https://example.org' }]],
      ['PUT', `/api/handles/${testPrefix}/logged`, 'x'.repeat(2000)],
      ['PUT', `/api/handles/${testPrefix}/%zz`, '[]'],
      ['DELETE', `/api/handles/${testPrefix}/logged?index=x`, undefined],
      ['PATCH', `/api/handles/${testPrefix}/logged`, undefined],
    ] as const) {
      await ask(node.url + path, { method, authorization, ...(body === undefined ? {} : { body }) })
    }
  }
  const secret = (await readFile(place.secretFile, 'utf8')).trim()
  const { stdout, stderr } = await node.stop()
  for (const hidden of [secret, right.slice(6), 'a wrong secret', wrong.slice(6)]) {
    expect(stdout).not.toContain(hidden)
    expect(stderr).not.toContain(hidden)
  }
})

function shownSecret(node: NodeProcess): string {
  return /secret \(shown this once\): (\S+)/.exec(node.stderr())?.[1] ?? 'no secret was shown'
}

async function canRegister(node: NodeProcess, secret: string): Promise<boolean> {
  const { status } = await ask(`${node.url}/api/handles/${testPrefix}/probe`, {
    method: 'PUT',
    authorization: basic(user, secret),
    body: [],
  })
  return status === 201 || status === 200
}
