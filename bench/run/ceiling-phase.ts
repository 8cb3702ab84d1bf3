import autocannon from 'autocannon'
import type { Clock } from '../../src/support/clock.ts'
import { startUsage } from '../measure/phase-usage.ts'
import type { CeilingPhase } from '../report/report.ts'

export type CeilingOptions = {
  /** One address, asked over and over. */
  readonly url: string
  readonly connections: number
  readonly durationSeconds: number
  readonly nodePid: number | undefined
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * The most that a closed loop reaches on one cached record (autocannon): each connection asks again as soon as it is
 * answered, so a slow target is asked less. A ceiling to read offered rates against, not a latency to quote.
 */
export async function probeCeiling(options: CeilingOptions): Promise<CeilingPhase> {
  const { url, connections, durationSeconds, clock, signal } = options
  const usage = startUsage(options.nodePid, clock)
  const startedAt = new Date(clock.nowMs()).toISOString()
  const result = await runAutocannon({ url, connections, duration: durationSeconds }, signal)
  return {
    kind: 'ceiling',
    name: 'ceiling: one cached record',
    startedAt,
    durationSeconds: result.duration,
    valid: !signal.aborted,
    invalidBecause: signal.aborted ? ['the run was interrupted'] : [],
    ...usage.stop(),
    tool: 'autocannon',
    connections,
    requestsPerSecond: result.requests.average,
    errors: result.errors + result.non2xx,
    latencyMs: { p50: result.latency.p50, p99: result.latency.p99, max: result.latency.max },
  }
}

function runAutocannon(options: autocannon.Options, signal: AbortSignal): Promise<autocannon.Result> {
  return new Promise((resolve, reject) => {
    const stop = (): void => instance.stop?.()
    const instance = autocannon(options, (error, result) => {
      signal.removeEventListener('abort', stop)
      if (error) reject(error)
      else resolve(result)
    })
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
  })
}
