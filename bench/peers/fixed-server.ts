/** Answers every request with the same bytes, on a free port: the least that an HTTP server of this runtime can do. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'

const [kind = '', body = ''] = process.argv.slice(2)
const contentType = 'application/json;charset=UTF-8'
const port = kind === 'fastify' ? await serveByFastify() : await serveByHttp()
process.stdout.write(`${JSON.stringify({ msg: 'listening', url: `http://127.0.0.1:${port}` })}\n`)

async function serveByHttp(): Promise<number> {
  const bytes = Buffer.from(body)
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': contentType, 'content-length': bytes.length })
    response.end(bytes)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

async function serveByFastify(): Promise<number> {
  const bytes = Buffer.from(body)
  const application = Fastify()
  application.get('/*', (_request, reply) => reply.type(contentType).send(bytes))
  await application.listen({ host: '127.0.0.1', port: 0 })
  return (application.server.address() as AddressInfo).port
}
