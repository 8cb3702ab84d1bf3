import { pino } from 'pino'
import { parseConfig } from '../../src/config.ts'
import { parseHandle } from '../../src/identifier/handle.ts'
import { encodeRecord } from '../../src/identifier/record-encoding.ts'
import { defaultPermissions, defaultTtl, type HandleValue } from '../../src/identifier/value.ts'
import { type Node, openNode } from '../../src/node.ts'
import { systemClock } from '../../src/support/clock.ts'
import type { SecretKey } from '../../src/wire/client/send-as.ts'
import { openWireClient, type WireClient, type WireTransport } from '../../src/wire/client/wire-client.ts'
import { startWireServer } from '../../src/wire/server.ts'
import { FakeClock } from './fake-clock.ts'

/** A node in this process, over memory, behind real sockets of the native protocol. */
export type WireNode = AsyncDisposable & {
  readonly node: Node
  readonly clock: FakeClock
  readonly port: number
  readonly administrator: SecretKey
  /** Writes a record past all checks. */
  store(handle: string, values: readonly HandleValue[]): Promise<void>
  client(transport: WireTransport, options?: Partial<Parameters<typeof openWireClient>[0]>): WireClient
}

/** Starts one on a free port of 127.0.0.1, with the prefix 88.1000 homed. */
export async function startWireNode(settings: Readonly<Record<string, unknown>> = {}): Promise<WireNode> {
  const common = { store: 'memory', prefix: '88.1000', host: '127.0.0.1', wirePort: 0, ...settings }
  const clock = new FakeClock()
  const node = await openNode(parseConfig(common), clock)
  const server = await startWireServer(node, pino({ level: 'silent' }))
  const port = Number(new URL(server.urls[0] ?? '').port)
  const clients: WireClient[] = []
  const secret = Buffer.from(node.administrators[0]?.secret ?? '')
  return {
    node,
    clock,
    port,
    administrator: { handle: '88.1000/ADMIN', index: 300, secret },
    store: async (handle, values) => {
      await node.store.commit([
        {
          key: parseHandle(handle).key,
          value: encodeRecord({ handle, values }),
          precondition: { kind: 'none' },
        },
      ])
    },
    client: (transport, options) => {
      const client = openWireClient({
        transport,
        host: '127.0.0.1',
        port,
        connectionsMax: 4,
        inFlightMax: 16,
        timeoutMs: 20_000,
        clock: systemClock,
        ...options,
      })
      clients.push(client)
      return client
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.close()
      await server.close()
      await node.close()
    },
  }
}

/** A value that everybody may read. */
export function textValue(index: number, type: string, text: string): HandleValue {
  return {
    index,
    type,
    data: Buffer.from(text),
    ttl: defaultTtl,
    timestampSeconds: 1,
    permissions: defaultPermissions,
    references: [],
  }
}
