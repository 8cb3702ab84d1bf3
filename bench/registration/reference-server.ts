import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * A bare `node:http` server with a fixed answer, as long as a resolution's: what the machine gives just now. Figures of
 * machines that differ, or are busy, compare as ratios to it.
 */
const body = JSON.stringify({ responseCode: 1, values: 'x'.repeat(270) })
const server = createServer((_request, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(body)
})
server.listen({ host: '127.0.0.1', port: 0 }, () => process.send?.((server.address() as AddressInfo).port))
process.on('disconnect', () => process.exit())
