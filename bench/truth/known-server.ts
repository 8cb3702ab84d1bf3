import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createPrng } from '../../src/support/prng.ts'
import { LatencyHistogram } from '../measure/latency-histogram.ts'
import { createRecordGenerator, type RecordGeneratorOptions } from '../workload/record-generator.ts'
import { type DelayModelName, delayModels } from './delays.ts'

/** A server whose delays are known, answering every generated identifier as if it were registered. */
export type KnownServer = {
  readonly url: string
  /** What its answers took by its own clock, since the last look. */
  takeTruth(): LatencyHistogram
  close(): Promise<void>
}

export type KnownServerOptions = {
  readonly model: DelayModelName
  readonly identifiers: number
  readonly records: RecordGeneratorOptions
  readonly seed: number
}

const apiPath = '/api/handles/'

/** Starts it; whoever starts it closes it. Its timers fire up to a millisecond late, which its own clock sees as well. */
export async function startKnownServer(options: KnownServerOptions): Promise<KnownServer> {
  const bodies = answersOf(options)
  const prng = createPrng(options.seed)
  const model = delayModels[options.model]
  const startedMs = performance.now()
  let truth = new LatencyHistogram()
  const server = createServer((request, response) => {
    const arrivedMs = performance.now()
    const handle = decodeURIComponent((request.url ?? '').slice(apiPath.length))
    const body = bodies.get(handle) ?? `{"responseCode":100,"handle":${JSON.stringify(handle)}}`
    const answer = (): void => {
      response.writeHead(bodies.has(handle) ? 200 : 404, { 'content-type': 'application/json;charset=UTF-8' })
      response.end(body)
      truth.record((performance.now() - arrivedMs) * 1e6)
    }
    const delayMs = model.delayMs(arrivedMs - startedMs, prng)
    if (delayMs === 0) answer()
    else setTimeout(answer, delayMs)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    takeTruth() {
      const taken = truth
      truth = new LatencyHistogram()
      return taken
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function answersOf({ identifiers, records }: KnownServerOptions): ReadonlyMap<string, string> {
  const generator = createRecordGenerator(records)
  return new Map(
    Array.from({ length: identifiers }, (_, ordinal) => {
      const { handle, valuesJson } = generator.recordOf(ordinal, 0)
      return [handle, `{"responseCode":1,"handle":${JSON.stringify(handle)},"values":${valuesJson}}`]
    }),
  )
}
