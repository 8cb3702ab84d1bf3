import { pino } from 'pino'
import { parseConfig } from '../../src/config.ts'
import { startHttpServer } from '../../src/http/server.ts'
import { openNode } from '../../src/node.ts'
import { type Answer, type Asking, ask } from './ask.ts'
import { FakeClock } from './fake-clock.ts'
import { basic } from './node-process.ts'

/** A node in this process, over memory, behind a real socket. */
export type MemoryNode = AsyncDisposable & {
  readonly url: string
  readonly clock: FakeClock
  /** The `Authorization` header of the administrator of 88.1000. */
  readonly administrator: string
  /** One request as nobody in particular. */
  ask(target: string, asking?: Asking): Promise<Answer>
  /** One request as the administrator. */
  administer(target: string, asking?: Asking): Promise<Answer>
}

/** Starts one on a free port, with the prefix 88.1000 homed. */
export async function startMemoryNode(settings: Readonly<Record<string, unknown>> = {}): Promise<MemoryNode> {
  const config = parseConfig({ store: 'memory', prefix: '88.1000', host: '127.0.0.1', port: 0, ...settings })
  const clock = new FakeClock()
  const node = await openNode(config, clock)
  const server = await startHttpServer(node, pino({ level: 'silent' }))
  const url = server.urls[0] ?? ''
  const { user = '', secret = '' } = node.administrators[0] ?? {}
  const administrator = basic(user, secret)
  return {
    url,
    clock,
    administrator,
    ask: (target, asking) => ask(url + target, asking),
    administer: (target, asking) => ask(url + target, { authorization: administrator, ...asking }),
    [Symbol.asyncDispose]: async () => {
      await server.close()
      await node.close()
    },
  }
}
