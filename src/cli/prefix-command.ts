import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { Command } from 'commander'
import { request } from 'undici'
import { StartupError } from '../errors.ts'
import { type PrefixAction, prefixActions, prefixSteps } from '../prefixes/prefix-state.ts'
import { openInput } from './compression.ts'
import { type NodeClient, nodeClient } from './node-client.ts'

type Flags = {
  readonly target: string
  readonly user: string
  readonly adminSecretFile?: string
  readonly reason?: string
  readonly enterprise?: string
  readonly contact?: string
  readonly values?: string
  readonly state?: string
}

/** `erji prefix …`: enterprise prefixes (企业前缀) from application to revocation, at a running node. */
export function prefixCommand(): Command {
  const command = new Command('prefix').description(
    'enterprise prefixes: apply, review, home or delegate, suspend, revoke, list, audit, move',
  )
  for (const action of prefixActions) command.addCommand(stepCommand(action))
  command.addCommand(
    reaching(new Command('show').description('where a prefix stands'))
      .argument('<prefix>')
      .action((prefix: string, flags: Flags) => print(flags, pathOf(prefix))),
  )
  command.addCommand(
    reaching(new Command('audit').description('every step of a prefix'))
      .argument('<prefix>')
      .action((prefix: string, flags: Flags) => print(flags, `${pathOf(prefix)}/audit`)),
  )
  command.addCommand(
    reaching(new Command('list').description('prefixes that the user may review'))
      .option('--state <state>', 'only those in this state')
      .action((flags: Flags) => list(flags)),
  )
  command.addCommand(
    reaching(
      new Command('export').description('all of them with their audit trails and own records as NDJSON'),
    ).action((flags: Flags) => print(flags, '/api/prefixes/export')),
  )
  command.addCommand(
    reaching(new Command('import').description('bring what export wrote into another node; safe to repeat'))
      .argument('<file>', 'file that export wrote, .gz and .zst are decompressed, - for standard input')
      .action((file: string, flags: Flags) => importPrefixes(file, flags)),
  )
  return command
}

function stepCommand(action: PrefixAction): Command {
  const { to, needsReason } = prefixSteps[action]
  const command = reaching(new Command(action).description(`leads to "${to}"`)).argument('<prefix>')
  command.option('--reason <text>', needsReason ? 'why; required' : 'why')
  if (action === 'apply') {
    command.requiredOption('--enterprise <name>', 'who applies')
    command.requiredOption('--contact <text>', 'how to reach them')
  }
  if (action === 'delegate')
    command.requiredOption(
      '--values <file>',
      'JSON file with HS_SITE.PREFIX, HS_SERV.PREFIX or HS_SERV values',
    )
  return command.action((prefix: string, flags: Flags) => take(action, prefix, flags))
}

function reaching(command: Command): Command {
  return command
    .option('--target <url>', 'the node', 'http://127.0.0.1:8000')
    .requiredOption('--user <index:handle>', 'who asks, such as 300:88.118/ADMIN')
    .option('--admin-secret-file <file>', "file with the user's secret (or ERJI_ADMIN_SECRET)")
}

async function take(action: PrefixAction, prefix: string, flags: Flags): Promise<void> {
  const { reason, enterprise, contact } = flags
  const values = flags.values === undefined ? undefined : await valuesFrom(flags.values)
  const body = JSON.stringify({ reason, enterprise, contact, values })
  await print(flags, `${pathOf(prefix)}/${action}`, { method: 'POST', body })
}

async function list(flags: Flags): Promise<void> {
  const client = await nodeClient(flags)
  let after: string | undefined
  do {
    const query = new URLSearchParams()
    if (flags.state !== undefined) query.set('state', flags.state)
    if (after !== undefined) query.set('after', after)
    const text = await ask(client, flags, `/api/prefixes?${query}`)
    const page = JSON.parse(text) as { prefixes: readonly object[]; cursor?: string }
    for (const state of page.prefixes) process.stdout.write(`${JSON.stringify(state)}\n`)
    after = page.cursor
  } while (after !== undefined)
}

/** One request for each line, in order: a prefix comes before those below it. Lines that are refused are told and passed over. */
async function importPrefixes(file: string, flags: Flags): Promise<void> {
  const client = await nodeClient(flags)
  let refused = 0
  let number = 0
  for await (const line of linesOf(file)) {
    number++
    if (line.trim() === '') continue
    const prefix = prefixOf(line, { file, number })
    const { status, text } = await exchange(client, flags, pathOf(prefix), { method: 'PUT', body: line })
    if (status === 200) process.stdout.write(`${text}\n`)
    else if (status === 401 || status === 503) throw refusal(status, `line ${number}, ${prefix}: ${text}`)
    else {
      refused++
      process.stderr.write(`"${file}" line ${number}, ${prefix}: the node refused with ${status}: ${text}\n`)
    }
  }
  if (refused === 0) return
  process.stderr.write(`${refused} prefixes were refused\n`)
  process.exitCode = 1
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const { stream, raw } = openInput(file)
  const broken = new Promise<never>((_, reject) => {
    for (const part of [stream, raw]) part.once('error', reject)
  })
  // Told by whoever waits for a line; before that nobody may be.
  broken.catch(() => undefined)
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })[
    Symbol.asyncIterator
  ]()
  try {
    for (;;) {
      const next = await Promise.race([lines.next(), broken])
      if (next.done === true) return
      yield next.value
    }
  } catch (cause) {
    throw unreadable(file, (cause as Error).message, cause)
  } finally {
    raw.destroy()
  }
}

function prefixOf(line: string, at: { readonly file: string; readonly number: number }): string {
  const expected = 'expected what erji prefix export writes'
  let prefix: unknown
  try {
    prefix = (JSON.parse(line) as { prefix?: unknown } | null)?.prefix
  } catch (cause) {
    throw unreadable(at.file, `line ${at.number} is not JSON; ${expected}`, cause)
  }
  if (typeof prefix === 'string') return prefix
  throw unreadable(at.file, `line ${at.number} names no prefix; ${expected}`)
}

function unreadable(file: string, why: string, cause?: unknown): StartupError {
  return new StartupError('CONFIG_INVALID', `"${file}" cannot be read: ${why}`, { cause })
}

type Asking = { readonly method: 'POST' | 'PUT'; readonly body: string }

async function print(flags: Flags, path: string, asking?: Asking): Promise<void> {
  const text = await ask(await nodeClient(flags), flags, path, asking)
  process.stdout.write(text.endsWith('\n') || text === '' ? text : `${text}\n`)
}

async function ask(client: NodeClient, flags: Flags, path: string, asking?: Asking): Promise<string> {
  const { status, text } = await exchange(client, flags, path, asking)
  if (status === 200) return text
  throw refusal(status, text)
}

async function exchange(
  client: NodeClient,
  flags: Flags,
  path: string,
  asking?: Asking,
): Promise<{ readonly status: number; readonly text: string }> {
  const headers = { authorization: client.authorization, 'content-type': 'application/json' }
  const { statusCode, body } = await request(new URL(path, client.url), { ...asking, headers }).catch(
    (cause) => {
      const problem = `--target ${flags.target} cannot be reached: ${String(cause)}`
      throw new StartupError('CONFIG_INVALID', problem, { cause })
    },
  )
  return { status: statusCode, text: await body.text() }
}

function refusal(status: number, text: string): StartupError {
  const code = status === 503 ? 'NODE_BUSY' : 'REFUSED'
  return new StartupError(code, `the node refused with ${status}: ${text}`)
}

async function valuesFrom(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    const problem = `--values is "${file}"; expected a JSON file with an array of values: ${(cause as Error).message}`
    throw new StartupError('CONFIG_INVALID', problem, { cause })
  }
}

function pathOf(prefix: string): string {
  return `/api/prefixes/${encodeURIComponent(prefix)}`
}
