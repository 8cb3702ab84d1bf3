import type { Exchanger } from './http-exchange.ts'
import type { TargetIdentity } from './target.ts'

/** What only the node calls itself. */
const nodeName = 'erji'

type Statistics = { readonly [name: string]: unknown }

/** The node's own counters, or undefined where the server is no node and publishes none. */
export async function readStatistics(
  exchange: Exchanger,
  signal: AbortSignal,
): Promise<Statistics | undefined> {
  const answer = await exchange.send({ method: 'GET', path: '/api/statistics' }, signal)
  if (answer.status !== 200 || !String(answer.headers['content-type']).includes('json')) return undefined
  try {
    const statistics: unknown = JSON.parse(answer.body.toString('utf8'))
    // What another server tells there is none of the node's, whatever it is named.
    return isObject(statistics) && statistics.server === nodeName ? statistics : undefined
  } catch (error) {
    // A foreign server may answer any path with a page of its own.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Every number of the statistics by its dotted name: `cache.hits`, `records` … */
export function numbersOf(statistics: Statistics, prefix = ''): Record<string, number> {
  const numbers: Record<string, number> = {}
  for (const [name, value] of Object.entries(statistics)) {
    if (typeof value === 'number') numbers[prefix + name] = value
    else if (isObject(value)) Object.assign(numbers, numbersOf(value, `${prefix}${name}.`))
  }
  return numbers
}

/** What the statistics say about the node itself, under the report's names. */
export function describeStatistics(statistics: Statistics): Omit<TargetIdentity, 'url'> {
  const cache = isObject(statistics.cache) ? statistics.cache : {}
  return {
    server: nodeName,
    ...text('version', statistics.version),
    ...text('storeEngine', statistics.engine),
    ...text('durability', statistics.durability),
    ...number('cacheBytesMax', cache.bytesMax),
    ...number('records', statistics.records),
    ...number('storeBytes', statistics.storeBytes),
    ...number('pid', statistics.pid),
  }
}

function text<Name extends string>(name: Name, value: unknown): { readonly [name in Name]?: string } {
  return (typeof value === 'string' ? { [name]: value } : {}) as { [name in Name]?: string }
}

function number<Name extends string>(name: Name, value: unknown): { readonly [name in Name]?: number } {
  return (typeof value === 'number' ? { [name]: value } : {}) as { [name in Name]?: number }
}

function isObject(value: unknown): value is Statistics {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
