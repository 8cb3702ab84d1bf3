import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { Epochs } from '../../src/cache/epochs.ts'
import { parseConfig } from '../../src/config.ts'
import { errorTable, responseCodes } from '../../src/errors.ts'
import { SharedHomedPrefixes } from '../../src/homed-prefixes.ts'
import { startHttpServer } from '../../src/http/server.ts'
import { assembleNode, homeConfiguredPrefixes, storeOptions } from '../../src/node.ts'
import { noSiblings } from '../../src/siblings.ts'
import { openLevelStore } from '../../src/store/level.ts'
import { systemClock } from '../../src/support/clock.ts'
import { openWireClient } from '../../src/wire/client/wire-client.ts'
import { startWireServer } from '../../src/wire/server.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { converse } from '../support/http-dialogue.ts'
import { resolution } from '../support/wire-messages.ts'

// Both nodes home their prefix at one time, which their records tell.
const clock = new FakeClock()
const log = pino({ level: 'silent' })
const get = 'GET /api/handles/88.1000/ADMIN HTTP/1.1\r\nHost: node\r\n\r\n'

test('a lane whose store fails while it asks for the prefix leaves the answer to the server', async () => {
  await using withLane = await startNode({ hotLane: 'on' })
  await using withoutLane = await startNode({ hotLane: 'off' })
  const dialogues = (): Promise<unknown[]> =>
    Promise.all([withLane, withoutLane].map(({ url }) => converse(url, [get, get])))
  const [found, same] = await dialogues()
  expect(found).toEqual(same)
  expect(JSON.stringify(found)).toContain('HTTP/1.1 200 OK')
  for (const node of [withLane, withoutLane]) await node.loseStore()
  const [lane, server] = await dialogues()
  expect(lane).toEqual(server)
  expect(JSON.stringify(lane).match(/503 Service Unavailable/g)).toHaveLength(2)
})

for (const transport of ['tcp', 'udp'] as const) {
  test(`so does the native protocol's over ${transport}`, async () => {
    await using node = await startNode({ hotLane: 'on' })
    const client = node.client(transport)
    const [found] = await client.send(resolution('88.1000/ADMIN'))
    expect(found.responseCode).toBe(responseCodes.success)
    await node.loseStore()
    for (let time = 0; time < 2; time++) {
      const [refused] = await client.send(resolution('88.1000/ADMIN'))
      expect(refused.responseCode).toBe(errorTable.STORE_UNAVAILABLE.responseCode)
    }
    client.close()
  })
}

/** A node as one of several threads has it: it asks its store which prefixes are homed here. */
async function startNode(settings: { readonly hotLane: 'on' | 'off' }) {
  const directory = await mkdtemp(join(tmpdir(), 'erji-failing-'))
  const config = parseConfig({
    data: join(directory, 'data'),
    prefix: '88.1000',
    host: '127.0.0.1',
    port: 0,
    wirePort: 0,
    workers: 1,
    storeReserveBytes: 0,
    ...settings,
  })
  await using opened = new AsyncDisposableStack()
  opened.defer(() => rm(directory, { recursive: true }))
  const store = await openLevelStore(storeOptions(config))
  opened.defer(() => store.close())
  const administrators = await homeConfiguredPrefixes(store, config, clock)
  let version = 0
  const node = await assembleNode({
    config,
    clock,
    store,
    prefixes: new SharedHomedPrefixes(store, () => version),
    epochs: new Epochs(),
    siblings: noSiblings(),
    administrators,
    opened,
  })
  const http = await startHttpServer(node, log)
  const wire = await startWireServer(node, log)
  const port = Number(new URL(wire.urls[0] ?? '').port)
  return {
    url: http.urls[0] ?? '',
    client: (transport: 'tcp' | 'udp') =>
      openWireClient({
        transport,
        host: '127.0.0.1',
        port,
        connectionsMax: 1,
        inFlightMax: 1,
        timeoutMs: 20_000,
        clock: systemClock,
      }),
    /** Every read fails from now on, and what was remembered of prefixes is forgotten. */
    loseStore: async () => {
      await store.close()
      version++
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([http.close(), wire.close()])
      await node.close()
    },
  }
}
