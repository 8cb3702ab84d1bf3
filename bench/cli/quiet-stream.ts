import { Writable } from 'node:stream'

/** Where progress goes that nobody wants to see. */
export function quietStream(): NodeJS.WriteStream {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  // What writes progress asks of a stream only whether it is a terminal, which this is not.
  return nowhere as unknown as NodeJS.WriteStream
}
