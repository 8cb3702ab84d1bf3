import { readFile } from 'node:fs/promises'
import { Command, Option } from 'commander'
import { type DestinationStream, pino } from 'pino'
import {
  describeSetting,
  flagName,
  isRepeatable,
  parseConfig,
  settingNames,
  settingsFromEnvironment,
} from '../config.ts'
import { StartupError } from '../errors.ts'
import type { Administrator } from '../first-start.ts'
import { startHttpServer } from '../http/server.ts'
import { openNode } from '../node.ts'
import { systemClock } from '../support/clock.ts'

/** `erji serve`: one node until SIGTERM or SIGINT. */
export function serveCommand(): Command {
  const command = new Command('serve').description(
    'start a node; every flag is also ERJI_… in the environment',
  )
  command.option('--config <file>', 'JSON file with settings by name')
  for (const name of settingNames) {
    const placeholder = isRepeatable(name) ? '<value...>' : '<value>'
    command.addOption(new Option(`--${flagName(name)} ${placeholder}`, describeSetting(name)))
  }
  return command.action(async (flags: Record<string, unknown>) => {
    const { config: file, ...settings } = flags
    await serve([settings, settingsFromEnvironment(process.env), await settingsFromFile(file)])
  })
}

async function serve(sources: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
  const config = parseConfig(...sources)
  const log = pino(
    { level: config.logLevel, redact: redactedPaths },
    pino.destination({ sync: true }) as DestinationStream,
  )
  const stopAsked = nextSignal()
  const node = await openNode(config, systemClock)
  try {
    const server = await startHttpServer(node, log)
    for (const administrator of node.administrators) announce(administrator, config.adminSecretFile)
    const { engine, durability } = node.store
    const records = await node.store.countAll()
    for (const url of server.urls) {
      log.info({ url, engine, durability, records, cacheBytes: config.cacheBytes }, 'listening')
    }
    log.info({ signal: await stopAsked }, 'shutting down')
    await server.close()
  } finally {
    await node.store.close()
  }
  log.info('stopped')
}

const redactedPaths = ['req.headers.authorization', 'headers.authorization', 'authorization', 'secret']

/** The first signal asks the node to finish what it accepted; the second ends it at once. */
function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1))
        resolve(signal)
      })
    }
  })
}

/** Told on the terminal and not in the log: a log is kept and shipped, a secret shown once is not. */
function announce({ prefix, user, secret }: Administrator, adminSecretFile: string | undefined): void {
  const userName = encodeURIComponent(user)
  const where =
    secret === undefined ? `the secret is in ${adminSecretFile}` : `secret (shown this once): ${secret}`
  process.stderr.write(
    `Homed prefix ${prefix}. Administrator ${user}; ${where}\n` +
      `Register: curl -u '${userName}:SECRET' -X PUT -H 'Content-Type: application/json' ` +
      `-d '[{"index":1,"type":"URL","data":"https://example.org/"}]' NODE/api/handles/${prefix}/first\n`,
  )
}

async function settingsFromFile(path: unknown): Promise<Record<string, unknown>> {
  if (typeof path !== 'string') return {}
  try {
    const parsed: unknown = JSON.parse(await readFile(path, 'utf8'))
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed }
    throw new Error('it holds no JSON object')
  } catch (cause) {
    throw new StartupError(
      'CONFIG_INVALID',
      `--config "${path}" cannot be read: ${(cause as Error).message}`,
      { cause },
    )
  }
}
