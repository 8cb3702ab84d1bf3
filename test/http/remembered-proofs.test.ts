import { afterEach, beforeEach, expect, test } from 'vitest'
import { type MemoryNode, startMemoryNode } from '../support/memory-node.ts'
import { basic } from '../support/node-process.ts'

/** Proofs and grants are remembered; what they rest on may change at any time. */

const record = [{ index: 1, type: 'URL', data: 'https://example.org/' }]
const userHandle = '88.1000/USER'
const user = basic(`300:${userHandle}`, 'user secret')

let node: MemoryNode
let created = 0
beforeEach(async () => {
  node = await startMemoryNode()
  await administer(`/api/handles/${userHandle}`, [secretValue('user secret')])
})
afterEach(() => node[Symbol.asyncDispose]())

test('a secret that was changed no longer proves anything, however often it did', async () => {
  await administer(grantPath, [administrator(userHandle)])
  expect(await register(user)).toBe(201)
  expect(await register(user)).toBe(201)
  await administer(`/api/handles/${userHandle}?index=various`, [secretValue('another secret')])
  expect(await register(user)).toBe(401)
  expect(await register(basic(`300:${userHandle}`, 'another secret'))).toBe(201)
})

test('a right that was withdrawn is gone with the next registration, however often it was used', async () => {
  await administer(grantPath, [administrator(userHandle)])
  expect(await register(user)).toBe(201)
  expect(await register(user)).toBe(201)
  await node.administer('/api/handles/0.NA/88.1000?index=101', { method: 'DELETE' })
  expect(await register(user)).toBe(403)
})

test('a member that left its group is refused although the record that names the group stays', async () => {
  const members = (handles: readonly string[]) => [
    {
      index: 200,
      type: 'HS_VLIST',
      data: { format: 'vlist', value: handles.map((handle) => ({ handle, index: 300 })) },
    },
  ]
  await administer('/api/handles/88.1000/GROUP', members([userHandle]))
  await administer(grantPath, [administrator('88.1000/GROUP', 200)])
  expect(await register(user)).toBe(201)
  expect(await register(user)).toBe(201)
  await administer('/api/handles/88.1000/GROUP', members(['88.1000/OTHER']))
  expect(await register(user)).toBe(403)
})

test('a right under one prefix is none under another', async () => {
  await administer('/api/handles/0.NA/88.1000.7', [administrator('88.1000/OTHER')])
  await administer(grantPath, [administrator(userHandle)])
  expect(await register(user)).toBe(201)
  expect(await register(user, '88.1000.7')).toBe(403)
})

const grantPath = '/api/handles/0.NA/88.1000?index=various'

async function administer(path: string, body: unknown): Promise<void> {
  const { status, text } = await node.administer(path, { method: 'PUT', body })
  expect([200, 201], text).toContain(status)
}

async function register(authorization: string, prefix = '88.1000'): Promise<number> {
  const path = `/api/handles/${prefix}/created-${created++}`
  return (await node.ask(path, { method: 'PUT', authorization, body: record })).status
}

function administrator(handle: string, index = 300) {
  const data = { format: 'admin', value: { handle, index, permissions: '011111111111' } }
  return { index: 101, type: 'HS_ADMIN', data }
}

function secretValue(secret: string) {
  return { index: 300, type: 'HS_SECKEY', data: { format: 'string', value: secret } }
}
