import { readFile } from 'node:fs/promises'
import { Command, Option } from 'commander'
import type { FastifyBaseLogger } from 'fastify'
import { type NodeConfig, parseConfig, settingsFromEnvironment } from '../config.ts'
import { StartupError } from '../errors.ts'
import type { Administrator } from '../first-start.ts'
import { assertPortIsFree } from '../http/port-claim.ts'
import { startWaitingServer, type WaitingServer } from '../http/waiting-server.ts'
import { openLog } from '../log.ts'
import { type Node, openNode, type StartWatch } from '../node.ts'
import { describeSetting, isRepeatable, settingNames } from '../settings.ts'
import { systemClock } from '../support/clock.ts'
import { flagName } from '../support/flag-name.ts'
import { startListening } from '../workers/listening.ts'
import { openNodeOverWorkers } from '../workers/node-over-workers.ts'
import { letHeapGrow } from './heap-growth.ts'
import { takeHugePages } from './huge-pages.ts'

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
  if (config.hugePages === 'auto') takeHugePages()
  const log = openLog(config)
  if (config.cacheMemory === 'slab') letHeapGrow()
  try {
    await serveUntilAsked(config, log)
  } finally {
    // A timer or a socket that a library has left behind must not keep a node that has stopped, or that could not start;
    // nothing else is waited for.
    setTimeout(() => process.exit(), lingerMsMax).unref()
  }
}

async function serveUntilAsked(config: NodeConfig, log: FastifyBaseLogger): Promise<void> {
  const stopAsked = nextSignal()
  // Before the store is touched: a first start that cannot serve leaves nothing behind.
  for (const host of config.host) await assertPortIsFree({ host, port: config.port })
  const node = config.workers === 1 ? await serveAlone(config, log) : await serveOverWorkers(config, log)
  try {
    const facts = await factsOf(config, node.store)
    for (const url of node.urls) log.info({ url, ...facts }, 'listening')
    const ending = await Promise.race([stopAsked, node.failed])
    if (ending instanceof StartupError) throw ending
    await node.refuse()
    log.info({ signal: ending }, 'shutting down')
  } finally {
    await node.close()
  }
  log.info('stopped')
}

const lingerMsMax = 2000

/** A node that listens, whichever way its work is spread. */
type Serving = {
  readonly urls: readonly string[]
  readonly store: Node['store']
  /** Resolves when it cannot go on. */
  readonly failed: Promise<StartupError>
  /** Resolves when no new connection is taken. */
  refuse(): Promise<void>
  /** Answers what was accepted and closes the store. */
  close(): Promise<void>
}

async function serveAlone(config: NodeConfig, log: FastifyBaseLogger): Promise<Serving> {
  const node = await openWaiting(config, log)
  const { urls, close } = await startListening(node, log)
  return {
    urls,
    store: node.store,
    failed: new Promise(() => undefined),
    // Listening ends in the turn in which closing begins.
    refuse: async () => undefined,
    close,
  }
}

/** Opens the node; while its store cannot be reached somebody answers who says so. A signal ends the wait. */
async function openWaiting(config: NodeConfig, log: FastifyBaseLogger): Promise<Node> {
  const stop = new AbortController()
  const abort = (): void => stop.abort()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, abort)
  let waiting: Promise<WaitingServer> | undefined
  try {
    return await openNode(config, systemClock, {
      ...watchOf(config, log),
      signal: stop.signal,
      whenWaiting: (reason) => {
        log.warn({ reason }, 'waiting')
        waiting ??= startWaitingServer(config)
        // A port that is taken is told by the node's own start.
        waiting.then(({ tell }) => tell(reason)).catch(() => undefined)
      },
      whenPrefixesUnread: (error) =>
        log.warn(
          { err: error },
          'the homed prefixes cannot be read; those that other nodes home are not known here',
        ),
    })
  } finally {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.removeListener(signal, abort)
    await waiting?.then(({ close }) => close()).catch(() => undefined)
  }
}

async function serveOverWorkers(config: NodeConfig, log: FastifyBaseLogger): Promise<Serving> {
  const { store, pool, close } = await openNodeOverWorkers(config, {
    clock: systemClock,
    log,
    ...watchOf(config, log),
  })
  return {
    urls: pool.urls,
    store,
    failed: pool.failed,
    refuse: () => pool.refuse(),
    close,
  }
}

function watchOf(config: NodeConfig, log: FastifyBaseLogger): StartWatch {
  return {
    whenHomed: (administrators) => {
      for (const administrator of administrators) announce(administrator, config.adminSecretFile)
    },
    whenDoubtful: (doubt) => log.warn(doubt),
  }
}

/** What the log says about a node when it begins to listen. */
async function factsOf(config: NodeConfig, store: Node['store']) {
  const { cacheBytes, workers } = config
  const { engine, durability } = store
  return { engine, durability, records: await store.countAll(), cacheBytes, workers }
}

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
