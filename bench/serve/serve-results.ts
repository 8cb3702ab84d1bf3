import fastify, { type FastifyInstance } from 'fastify'
import { capacityHtml } from '../capacity/capacity-page.ts'
import { compareHtml } from '../report/html/compare-page.ts'
import { gateHtml } from '../report/html/gate-page.ts'
import { formatHtml } from '../report/html.ts'
import { indexHtml } from './index-page.ts'
import { type ListedResult, ResultDirectory } from './list-results.ts'

/** A comparison of more runs is a picture of none. */
const comparedMax = 8

/**
 * A server of the results in a directory, made anew from the JSON files for every request. Files are found by their
 * name in the directory's own list, so no path leads out of it. It listens nowhere yet; whoever makes it closes it.
 */
export function serveResults(directory: string): FastifyInstance {
  const results = new ResultDirectory(directory)
  const server = fastify({ logger: false })
  server.get('/', async (_request, reply) => page(reply, indexHtml(directory, await results.list())))
  server.get<{ Params: { name: string } }>('/runs/:name', async ({ params }, reply) => {
    const result = await results.find(params.name)
    if (result === undefined) return reply.code(404).send(`there is no result ${params.name} here\n`)
    return result.kind === 'unreadable' || result.kind === 'other'
      ? reply.code(422).send(`${result.name} cannot be shown: ${result.reason}\n`)
      : page(reply, pageOf(result))
  })
  server.get<{ Querystring: { run?: string | string[] } }>('/compare', async ({ query }, reply) => {
    const names = [query.run ?? []].flat()
    if (names.length < 2 || names.length > comparedMax) {
      return reply.code(400).send(`${names.length} runs are chosen; expected 2 to ${comparedMax}\n`)
    }
    const runs = await Promise.all(names.map(async (name) => ({ name, found: await results.find(name) })))
    const bad = runs.find(({ found }) => found?.kind !== 'report')
    if (bad !== undefined) return reply.code(404).send(`there is no report ${bad.name} here\n`)
    return page(
      reply,
      compareHtml(
        runs.flatMap(({ name, found }) => (found?.kind === 'report' ? [{ name, report: found.report }] : [])),
      ),
    )
  })
  return server
}

function page(reply: { type(type: string): { send(text: string): unknown } }, html: string): unknown {
  return reply.type('text/html; charset=utf-8').send(html)
}

function pageOf(result: Exclude<ListedResult, { kind: 'unreadable' | 'other' }>): string {
  switch (result.kind) {
    case 'report':
      return formatHtml(result.report)
    case 'capacity':
      return capacityHtml(result.capacity)
    case 'gate':
      return gateHtml(result.name, result.gate)
  }
}
