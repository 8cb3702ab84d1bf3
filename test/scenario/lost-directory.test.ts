import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ask } from '../support/ask.ts'
import { NodePlace, testPrefix } from '../support/node-process.ts'
import { until } from '../support/until.ts'

let place: NodePlace
beforeEach(async () => {
  place = await NodePlace.create()
})
afterEach(() => place[Symbol.asyncDispose]())

for (const workers of ['1', '2']) {
  test(`a node of ${workers} whose data directory cannot be reached refuses writes and goes on, until it can be`, async () => {
    const node = await place.start({ workers })
    const authorization = await place.authorization()
    const url = (name: string): string => `${node.url}/api/handles/${testPrefix}/${name}`
    const put = (name: string) => ask(url(name), { method: 'PUT', authorization, body: [] })
    const isReady = async (): Promise<boolean> => (await ask(`${node.url}/health/ready`)).status === 200
    expect((await put('before')).status).toBe(201)

    const away = join(place.directory, 'away')
    await rename(join(place.directory, 'data'), away)
    await until(async () => !(await isReady()))
    const refusal = await put('meanwhile')
    expect(refusal.status).toBe(503)
    expect(refusal.json().message).toMatch(/^the data directory ".*" cannot be reached: ENOENT/)
    expect((await ask(url('before'))).status).toBe(200)
    const scrape = await ask(`${node.url}/metrics`)
    expect(scrape.status).toBe(200)
    expect(scrape.text).toMatch(/^erji_store_bytes NaN$/im)
    expect(scrape.text).toMatch(/^erji_store_writable 0$/m)
    expect(scrape.text).toMatch(/^erji_store_records 3$/m)
    expect((await ask(`${node.url}/api/statistics`)).json()).toMatchObject({ records: 3, storeBytes: null })

    await rename(away, join(place.directory, 'data'))
    await until(isReady)
    expect((await put('after')).status).toBe(201)
    expect((await ask(`${node.url}/api/statistics`)).json().storeBytes).toBeGreaterThan(0)
    const { code, stdout } = await node.stop()
    expect(code).toBe(0)
    expect(stdout).not.toContain('a worker died')
  })
}
