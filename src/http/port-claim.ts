import { createServer } from 'node:net'
import { StartupError } from '../errors.ts'

/**
 * Listens for a moment without sharing the port, which fails while anybody listens there: threads that share it could
 * not tell another node of the same user from each other. Port 0 is free by definition.
 * @throws StartupError ADDRESS_IN_USE
 */
export async function assertPortIsFree(at: { readonly host: string; readonly port: number }): Promise<void> {
  if (at.port === 0) return
  const probe = createServer()
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (error: NodeJS.ErrnoException) => {
      // Everything else is found out, and said, by the listener itself.
      if (error.code === 'EADDRINUSE') reject(cannotListen(at, error))
      else resolve()
    })
    probe.listen({ host: at.host, port: at.port, exclusive: true }, () => probe.close(() => resolve()))
  })
}

/** What a listener that cannot have its address means to the operator. */
export function cannotListen(
  at: { readonly host: string; readonly port: number },
  error: NodeJS.ErrnoException,
): StartupError {
  const why = error.code === 'EADDRINUSE' ? 'it is in use by another process' : error.message
  return new StartupError('ADDRESS_IN_USE', `cannot listen on ${at.host} port ${at.port}: ${why}`)
}
