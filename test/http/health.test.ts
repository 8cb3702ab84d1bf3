import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { registerHealthRoutes } from '../../src/http/health-routes.ts'
import type { Node } from '../../src/node.ts'
import { startMemoryNode } from '../support/memory-node.ts'
import { RawConnection } from '../support/raw-connection.ts'

const request = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: node\r\n\r\n`

test('a node that serves is live and ready, for everybody who asks', async () => {
  await using node = await startMemoryNode()
  for (const [target, status] of [
    ['/health/live', 'live'],
    ['/health/ready', 'ready'],
  ] as const) {
    const answer = await node.ask(target)
    expect([answer.status, answer.json()]).toEqual([200, { status }])
    expect((await node.ask(target, { method: 'HEAD' })).status).toBe(200)
  }
})

test('a node whose store takes no writes is live but not ready, says why, and is ready again after', async () => {
  let reason: string | undefined
  const application = Fastify()
  registerHealthRoutes(application, { store: { unwritableBecause: () => reason } } as unknown as Node)
  const status = async (target: string) => (await application.inject(target)).statusCode
  expect(await status('/health/ready')).toBe(200)
  reason = 'the disk is full'
  const answer = await application.inject('/health/ready')
  expect([answer.statusCode, answer.json()]).toEqual([503, { status: 'unready', reason }])
  expect(await status('/health/live')).toBe(200)
  reason = undefined
  expect(await status('/health/ready')).toBe(200)
  await application.close()
})

test('a node that shuts down is not ready, and says when to come back', async () => {
  const node = await startMemoryNode()
  const connection = await RawConnection.open(node.url)
  connection.send(
    `PUT /api/handles/88.1000/x HTTP/1.1\r\nHost: node\r\nAuthorization: ${node.administrator}\r\n` +
      'Content-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n',
  )
  await connection.until(/100 Continue/)
  const closed = node[Symbol.asyncDispose]()
  connection.send(`[]${request('/health/ready')}`)
  const answers = await connection.untilEnd()
  expect(answers).toMatch(/HTTP\/1\.1 201 Created[\s\S]*HTTP\/1\.1 503 Service Unavailable/)
  expect(answers).toMatch(/retry-after: \d+\r\n[\s\S]*"responseCode":3/i)
  await closed
})

test('a node with no room for another request is not ready', async () => {
  await using node = await startMemoryNode({ requestsInFlightMax: 1 })
  const holder = await RawConnection.open(node.url)
  holder.send(
    `PUT /api/handles/88.1000/x HTTP/1.1\r\nHost: node\r\nAuthorization: ${node.administrator}\r\n` +
      'Content-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n',
  )
  await holder.until(/100 Continue/)
  const answer = await node.ask('/health/ready')
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
  holder.send('[]')
  await holder.until(/201 Created[\s\S]*\}$/)
  expect((await node.ask('/health/ready')).status).toBe(200)
  holder.destroy()
})
