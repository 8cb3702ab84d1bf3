import { request } from 'undici'

/** Event-loop delay of a node since it was last asked, the worst of its threads; undefined where it publishes none. */
export async function readLoopDelay(
  url: string,
): Promise<{ readonly p99: number; readonly max: number } | undefined> {
  const { statusCode, body } = await request(new URL('/metrics', url))
  const text = await body.text()
  if (statusCode !== 200) return undefined
  const p99 = largest(text, /^erji_event_loop_delay_p99_seconds(?:\{[^}]*\})? (\S+)/gm)
  const max = largest(text, /^nodejs_eventloop_lag_max_seconds(?:\{[^}]*\})? (\S+)/gm)
  return p99 === undefined || max === undefined ? undefined : { p99, max }
}

function largest(text: string, pattern: RegExp): number | undefined {
  const values = [...text.matchAll(pattern)].map(([, value]) => Number(value)).filter(Number.isFinite)
  return values.length === 0 ? undefined : Math.max(...values)
}
