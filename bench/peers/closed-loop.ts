import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import autocannon from 'autocannon'
import { hasProgram } from './spawned.ts'

/** What one burst of a closed loop saw; `refused` is the part of the unexpected that was answered with another status than 2xx or 3xx. */
export type Burst = {
  readonly requests: number
  readonly seconds: number
  readonly unexpected: number
  readonly refused?: number
}

/** The same burst where each request should have been refused: with 404, as an absent handle is. */
export function expectingRefusal({ requests, unexpected, refused = 0, ...burst }: Burst): Burst {
  return { ...burst, requests, refused, unexpected: requests - refused + (unexpected - refused) }
}

export type BurstOptions = {
  readonly url: string
  /** A wrk script that chooses the paths; without wrk only `url` itself is asked. */
  readonly script: string
  readonly connections: number
  readonly seconds: number
  /** What wrk is started through, such as `taskset …`. */
  readonly startedThrough?: readonly string[]
}

/** The client that loads every side alike. */
export type ClosedLoop = { readonly name: string; run(options: BurstOptions): Promise<Burst> }

/** wrk where the machine has it, which costs least; autocannon otherwise. */
export function chooseClosedLoop(): ClosedLoop {
  return hasProgram('wrk') ? { name: 'wrk', run: runWrk } : { name: 'autocannon', run: runAutocannon }
}

async function runWrk({ url, script, connections, seconds, startedThrough = [] }: BurstOptions) {
  const [program = 'wrk', ...programArguments] = [
    ...[...startedThrough, 'wrk', '--threads', '1', '--connections', String(connections)],
    ...['--duration', `${seconds}s`, '--script', script, url],
  ]
  const { stdout } = await promisify(execFile)(program, programArguments)
  return parseWrk(stdout)
}

/** Reads what wrk prints. @throws Error when it is not what wrk prints. */
export function parseWrk(output: string): Burst {
  const total = /(\d+) requests in ([\d.]+)(ms|s|m),/.exec(output)
  if (total === null) throw new Error(`wrk printed no total:\n${output}`)
  const scale = { ms: 0.001, s: 1, m: 60 }[total[3] as 'ms' | 's' | 'm']
  const socketErrors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output)
  const lost = (socketErrors?.slice(1) ?? []).reduce((sum, count) => sum + Number(count), 0)
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1] ?? 0)
  return {
    requests: Number(total[1]),
    seconds: Number(total[2]) * scale,
    unexpected: lost + refused,
    refused,
  }
}

async function runAutocannon({ url, connections, seconds }: BurstOptions): Promise<Burst> {
  const result = await autocannon({ url, connections, duration: seconds })
  return {
    requests: result.requests.total,
    seconds: result.duration,
    unexpected: result.errors + result.non2xx,
    refused: result.non2xx,
  }
}
