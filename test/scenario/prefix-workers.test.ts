import { expect, test } from 'vitest'
import { ask } from '../support/ask.ts'
import { NodePlace, testPrefix } from '../support/node-process.ts'
import { connectToEach } from '../support/worker-connections.ts'

const workers = 2
const prefix = `${testPrefix}.8`

test('every worker answers as a step of a prefix left it once that is acknowledged, and so does the node after kill -9', async () => {
  await using place = await NodePlace.create()
  const node = await place.start({ workers: String(workers) })
  const authorization = await place.authorization()
  const connections = await connectToEach(node.url, { workers, each: 1 })
  const take = async (action: string, body: object) => {
    const url = `${node.url}/api/prefixes/${prefix}/${action}`
    const answer = await ask(url, { method: 'POST', authorization, body })
    expect(answer.status, answer.text).toBe(200)
  }
  const answersOf = () =>
    Promise.all(
      connections.map(async (connection) => {
        const { status, body } = await connection.send({ path: `/api/handles/${prefix}/NOBODY` })
        return [connection.worker, status, body.responseCode]
      }),
    )
  const fromAll = (status: number, code: number) => connections.map(({ worker }) => [worker, status, code])

  await take('apply', { enterprise: '某机床厂', contact: 'it@example.org' })
  await take('approve', {})
  expect(await answersOf()).toEqual(fromAll(400, 301))
  await take('home', {})
  expect(await answersOf()).toEqual(fromAll(404, 100))
  for (let round = 0; round < 10; round++) {
    await take('suspend', { reason: '证书过期' })
    expect(await answersOf()).toEqual(fromAll(400, 301))
    await take('resume', {})
    expect(await answersOf()).toEqual(fromAll(404, 100))
  }
  await take('suspend', { reason: '证书过期' })
  await node.kill()
  await Promise.all(connections.map((connection) => connection.close()))

  const again = await place.start({ workers: String(workers) })
  const suspended = await ask(`${again.url}/api/handles/${prefix}/NOBODY`)
  expect([suspended.status, suspended.json().responseCode]).toEqual([400, 301])
  const audit = await ask(`${again.url}/api/prefixes/${prefix}/audit`, { authorization })
  expect(audit.json().entries).toHaveLength(24)
})
