import { type DestinationStream, type Logger, pino } from 'pino'
import type { NodeConfig } from './config.ts'

/** The node's log: one JSON line each on standard output, without secrets; a worker's lines carry its number. */
export function openLog(config: NodeConfig, worker?: number): Logger {
  const log = pino(
    { level: config.logLevel, redact: redactedPaths },
    pino.destination({ sync: true }) as DestinationStream,
  )
  return worker === undefined ? log : log.child({ worker })
}

const redactedPaths = ['req.headers.authorization', 'headers.authorization', 'authorization', 'secret']
