import { EncodingError } from '../identifier/buffer-reader.ts'
import { type Clock, nowSeconds } from '../support/clock.ts'
import { openWireClient } from '../wire/client/wire-client.ts'
import { WireClientError } from '../wire/client/wire-client-error.ts'
import { encodeResolveBody, readValuesBody } from '../wire/codec/bodies.ts'
import type { Message } from '../wire/codec/message.ts'
import { operations, opFlag } from '../wire/codec/protocol.ts'
import { type UpstreamAddress, upstreamName } from './upstream-address.ts'
import { type Upstream, type UpstreamAnswer, UpstreamError } from './upstream-answer.ts'

/** Asks over the native protocol, many requests on a few kept connections. */
export function openWireUpstream(
  address: UpstreamAddress,
  options: { readonly connectionsMax: number; readonly timeoutMs: number; readonly clock: Clock },
): Upstream {
  const name = upstreamName(address)
  const { connectionsMax, timeoutMs, clock } = options
  const client = openWireClient({
    transport: address.protocol === 'hdl+udp' ? 'udp' : 'tcp',
    host: address.host,
    port: address.port,
    connectionsMax,
    inFlightMax: 64,
    timeoutMs,
    clock,
  })
  return {
    resolve: async (handle, signal) => {
      const request = {
        opCode: operations.resolve,
        opFlags: opFlag.publicOnly,
        body: encodeResolveBody({ handle, indexes: [], types: [] }),
        expirationSeconds: nowSeconds(clock) + Math.ceil(timeoutMs / 1000) + 1,
      }
      try {
        const [answer] = await client.send(request, signal)
        return readAnswer(answer, name)
      } catch (cause) {
        if (!(cause instanceof WireClientError || cause instanceof EncodingError)) throw cause
        throw new UpstreamError(`${name}: ${cause.message}`, { cause })
      }
    },
    close: async () => client.close(),
  }
}

function readAnswer({ responseCode, body }: Message, name: string): UpstreamAnswer {
  switch (responseCode) {
    case 1:
      return { kind: 'found', values: readValuesBody(body).values }
    case 200:
      return { kind: 'found', values: [] }
    case 100:
      return { kind: 'absent' }
    case 301:
      return { kind: 'not-responsible' }
    case 302:
    case 303:
      return { kind: 'referral', values: readValuesBody(body).values }
  }
  throw new UpstreamError(`${name} answers with response code ${responseCode}`)
}
