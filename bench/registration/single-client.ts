import type { Socket } from 'node:net'
import type { Clock } from '../../src/support/clock.ts'
import { type ClientPlan, valuesJson } from './client-plan.ts'
import type { Tally } from './tally.ts'

/**
 * One connection that registers one record after the other, the next as soon as the last is acknowledged. It looks at no
 * more of an answer than its status and its length: every microsecond spent here is taken from the node beside it.
 */
export function registerSingly(
  socket: Socket,
  plan: ClientPlan,
  at: { readonly connection: number; readonly tally: Tally; readonly clock: Clock },
): void {
  const head = `PUT /api/handles/${plan.prefix}/${plan.run}-${at.connection}-`
  const tail =
    `?overwrite=false HTTP/1.1\r\nHost: ${plan.host}\r\nAuthorization: ${plan.authorization}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(valuesJson)}\r\n\r\n${valuesJson}`
  const reference = `GET / HTTP/1.1\r\nHost: ${plan.host}\r\n\r\n`
  const isReference = plan.kind === 'reference'
  const success = isReference ? 'HTTP/1.1 200' : 'HTTP/1.1 201'
  let number = 0
  let received = ''
  const send = (): void => void socket.write(isReference ? reference : `${head}${number++}${tail}`)
  socket.setEncoding('latin1')
  socket.on('data', (text: string) => {
    received = received === '' ? text : received + text
    const bodyStart = received.indexOf('\r\n\r\n') + 4
    if (bodyStart < 4) return
    const lengthAt = received.toLowerCase().indexOf('content-length: ') + 16
    const length = Number.parseInt(received.slice(lengthAt, lengthAt + 10), 10)
    if (received.length < bodyStart + length) return
    at.tally.add({ records: received.startsWith(success) ? 1 : 0, asked: 1, atNs: at.clock.nowNs() })
    received = ''
    if (!at.tally.isOver) send()
  })
  send()
}
