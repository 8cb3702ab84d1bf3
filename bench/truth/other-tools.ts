import { execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'
import { systemClock } from '../../src/support/clock.ts'
import { probeCeiling } from '../run/ceiling-phase.ts'

/** What another tool says of the same server, in milliseconds; absent where it does not tell a percentile. */
export type Told = Readonly<Partial<Record<'p50' | 'p95' | 'p99' | 'p99.9', number>>>

export type ToolOptions = {
  readonly url: string
  readonly ratePerSecond: number
  readonly durationSeconds: number
  readonly signal: AbortSignal
}

export type OtherTool = {
  readonly loop: 'open' | 'closed'
  /** The program, where it is none of this package's own. */
  readonly program?: string
  measure(options: ToolOptions): Promise<Told>
}

const connections = 64

/** Tools that stand beside the harness, by name; those that a machine lacks are left out and named. */
export const otherTools = {
  wrk2: {
    loop: 'open',
    program: 'wrk2',
    measure: (options) => runWrk('wrk2', options, ['--rate', String(options.ratePerSecond)]),
  },
  vegeta: { loop: 'open', program: 'vegeta', measure: runVegeta },
  wrk: { loop: 'closed', program: 'wrk', measure: (options) => runWrk('wrk', options, []) },
  autocannon: { loop: 'closed', measure: runAutocannon },
} as const satisfies Record<string, OtherTool>
export type OtherToolName = keyof typeof otherTools

/** wrk and wrk2 print `99.000%  180.22ms`; wrk2 more percentiles than wrk. */
export function parseWrkLatency(output: string): Told {
  const told: Record<string, number> = {}
  for (const [, share, amount, unit] of output.matchAll(/^\s*([\d.]+)%\s+([\d.]+)(us|ms|s|m)\s*$/gm)) {
    const name = { 50: 'p50', 95: 'p95', 99: 'p99', 99.9: 'p99.9' }[Number(share)]
    if (name === undefined) continue
    told[name] ??= Number(amount) * { us: 0.001, ms: 1, s: 1000, m: 60_000 }[unit as 'us' | 'ms' | 's' | 'm']
  }
  return told
}

async function runWrk(program: string, options: ToolOptions, more: readonly string[]): Promise<Told> {
  const { stdout } = await promisify(execFile)(
    program,
    [
      ...['--threads', '1', '--connections', String(connections), '--latency'],
      ...['--duration', `${Math.round(options.durationSeconds)}s`, ...more, options.url],
    ],
    { signal: options.signal },
  )
  return parseWrkLatency(stdout)
}

/** Its JSON report holds nanoseconds. Workers as many as it likes: it starts more when those it has are waiting. */
async function runVegeta({ url, ratePerSecond, durationSeconds, signal }: ToolOptions): Promise<Told> {
  const attack = spawn(
    'vegeta',
    ['attack', '-rate', String(ratePerSecond), '-duration', `${durationSeconds}s`, '-timeout', '10s'],
    { stdio: ['pipe', 'pipe', 'inherit'], signal },
  )
  attack.stdin.end(`GET ${url}\n`)
  const report = spawn('vegeta', ['report', '-type', 'json'], { stdio: ['pipe', 'pipe', 'inherit'], signal })
  attack.stdout.pipe(report.stdin)
  let output = ''
  for await (const chunk of report.stdout) output += String(chunk)
  const latencies: Record<string, number> = JSON.parse(output).latencies
  const ms = (name: string): number => (latencies[name] ?? 0) / 1e6
  return { p50: ms('50th'), p95: ms('95th'), p99: ms('99th') }
}

async function runAutocannon({ url, durationSeconds, signal }: ToolOptions): Promise<Told> {
  const { latencyMs } = await probeCeiling({
    url,
    connections,
    durationSeconds: Math.round(durationSeconds),
    nodePid: undefined,
    clock: systemClock,
    signal,
  })
  return { p50: latencyMs.p50, p99: latencyMs.p99 }
}
