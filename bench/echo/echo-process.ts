import { type AddressInfo, createServer, type Socket } from 'node:net'
import { handlePath } from '../target/handle-path.ts'
import { createRecordGenerator } from '../workload/record-generator.ts'
import type { EchoPlan } from './start-echo.ts'

/**
 * The echo server, a process of its own: answers each GET of a generated identifier at once, with bytes made beforehand. It reads no
 * more of HTTP than the generator's own requests need, so that what is measured against it is the generator.
 */
process.once('message', (plan: EchoPlan) => {
  const answers = answersOf(plan)
  const server = createServer({ noDelay: true }, (socket) => serve(socket, answers))
  server.listen({ host: '127.0.0.1', port: 0 }, () => process.send?.((server.address() as AddressInfo).port))
})
// Sent to the whole process group; what they mean is for the parent to say.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)
process.on('disconnect', () => process.exit())

const requestEnd = '\r\n\r\n'
const requestBytesMax = 65_536
const notFound = answerOf('404 Not Found', '{"responseCode":100}')

function serve(socket: Socket, answers: ReadonlyMap<string, Buffer>): void {
  let rest = ''
  socket.on('data', (chunk: Buffer) => {
    rest += chunk.toString('latin1')
    if (rest.length > requestBytesMax) socket.destroy()
    for (let end = rest.indexOf(requestEnd); end !== -1; end = rest.indexOf(requestEnd)) {
      const pathStart = rest.indexOf(' ') + 1
      socket.write(answers.get(rest.slice(pathStart, rest.indexOf(' ', pathStart))) ?? notFound)
      rest = rest.slice(end + requestEnd.length)
    }
  })
  // A generator that ends in the middle of a request is no event here.
  socket.on('error', () => socket.destroy())
}

function answersOf({ records, identifiers }: EchoPlan): ReadonlyMap<string, Buffer> {
  const generator = createRecordGenerator(records)
  return new Map(
    Array.from({ length: identifiers }, (_, ordinal) => {
      const { handle, valuesJson } = generator.recordOf(ordinal, 0)
      const body = `{"responseCode":1,"handle":${JSON.stringify(handle)},"values":${valuesJson}}`
      return [handlePath(handle), answerOf('200 OK', body)]
    }),
  )
}

function answerOf(status: string, body: string): Buffer {
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json;charset=UTF-8\r\n`
  return Buffer.from(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
}
