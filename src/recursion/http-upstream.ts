import { Pool } from 'undici'
import { HandleError } from '../errors.ts'
import { isObject } from '../identifier/input-fields.ts'
import type { HandleValue } from '../identifier/value.ts'
import { valuesFromJson } from '../identifier/value-input.ts'
import { type UpstreamAddress, upstreamName } from './upstream-address.ts'
import { type Upstream, type UpstreamAnswer, UpstreamError } from './upstream-answer.ts'

const answerBytesMax = 4 * 2 ** 20

/** Asks over the Handle HTTP JSON API. */
export function openHttpUpstream(
  address: UpstreamAddress,
  options: { readonly connectionsMax: number; readonly timeoutMs: number },
): Upstream {
  const name = upstreamName(address)
  const pool = new Pool(name, {
    connections: options.connectionsMax,
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
    connect: { timeout: options.timeoutMs },
  })
  return {
    resolve: async (handle, signal) => {
      try {
        const path = `/api/handles/${encodeURIComponent(handle).replaceAll('%2F', '/')}`
        const { statusCode, body } = await pool.request({ method: 'GET', path, signal })
        const chunks: Buffer[] = []
        let bytes = 0
        for await (const chunk of body as AsyncIterable<Buffer>) {
          bytes += chunk.length
          if (bytes > answerBytesMax)
            throw new UpstreamError(`${name} answers with more than ${answerBytesMax} bytes`)
          chunks.push(chunk)
        }
        return readAnswer(statusCode, Buffer.concat(chunks).toString('utf8'), name)
      } catch (cause) {
        if (cause instanceof UpstreamError) throw cause
        throw new UpstreamError(`${name}: ${(cause as Error).message}`, { cause })
      }
    },
    close: () => pool.destroy(),
  }
}

function readAnswer(status: number, text: string, name: string): UpstreamAnswer {
  const body: unknown = JSON.parse(text)
  if (!isObject(body)) throw new UpstreamError(`${name} answers ${status} without a JSON object`)
  switch (body.responseCode) {
    case 1:
    case 200:
      return { kind: 'found', values: valuesOf(body.values, name) }
    case 100:
      return { kind: 'absent' }
    case 301:
      return { kind: 'not-responsible' }
    case 302:
    case 303:
      return { kind: 'referral', values: valuesOf(body.values, name) }
  }
  throw new UpstreamError(`${name} answers ${status} with response code ${String(body.responseCode)}`)
}

/** Values keep the moment at which their own node took them. */
function valuesOf(input: unknown, name: string): HandleValue[] {
  try {
    const given = Array.isArray(input) ? (input as { index?: unknown; timestamp?: unknown }[]) : []
    const stamps = new Map(given.map(({ index, timestamp }) => [index, Date.parse(String(timestamp)) / 1000]))
    return valuesFromJson(given, 0).map((value) => {
      const atSeconds = stamps.get(value.index) ?? 0
      return { ...value, timestampSeconds: atSeconds >= 0 ? Math.floor(atSeconds) : 0 }
    })
  } catch (cause) {
    if (!(cause instanceof HandleError)) throw cause
    throw new UpstreamError(`${name} answers with values that are none: ${cause.message}`, { cause })
  }
}
