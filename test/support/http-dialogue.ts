import { once } from 'node:events'
import { connect } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ByteStream } from './byte-streams.ts'

/** What a client saw: everything that came after each piece, whether the server ended, and what came after that. */
export type Dialogue = {
  readonly answers: readonly string[]
  readonly endedByServer: boolean
  readonly rest: string
}

// Client and server of these tests share one event loop, so that what is to come comes within a few of its turns.
const quietTurns = 6

/**
 * Sends the pieces one after another, each once the answers to the one before have come, then FIN. Dates are made equal;
 * everything else is as it came.
 */
export async function converse(url: string, stream: ByteStream): Promise<Dialogue> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true, noDelay: true })
  let received = ''
  let arrivals = 0
  let endedByServer = false
  socket.setEncoding('latin1')
  socket.on('data', (text: string) => {
    received += text
    arrivals++
  })
  socket.on('end', () => {
    endedByServer = true
  })
  // A reset ends a connection like any other end here.
  socket.on('error', () => {
    endedByServer = true
  })
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await once(socket, 'connect')
  const quiet = async (): Promise<string> => {
    for (let turn = 0, seen = arrivals; turn < quietTurns; turn++) {
      await nextTurn()
      if (seen !== arrivals) [turn, seen] = [-1, arrivals]
    }
    const taken = received
    received = ''
    return withoutTimeAndChance(taken)
  }
  const answers: string[] = []
  for (const piece of stream) {
    if (!socket.destroyed && !endedByServer) socket.write(piece, 'latin1')
    answers.push(await quiet())
  }
  const wasEnded = endedByServer
  if (!socket.destroyed) socket.end()
  await closed
  return { answers, endedByServer: wasEnded, rest: withoutTimeAndChance(received) }
}

function withoutTimeAndChance(text: string): string {
  return text
    .replace(/^Date: .*\r$/gm, 'Date: now\r')
    .replace(/sessionId="[^"]+", nonce="[^"]+"/g, 'sessionId="some", nonce="some"')
}
