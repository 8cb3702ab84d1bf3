import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { request } from 'undici'
import { StartupError } from '../errors.ts'
import { type PrefixAction, prefixActions, prefixSteps } from '../prefixes/prefix-state.ts'
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
    'enterprise prefixes: apply, review, home or delegate, suspend, revoke, list, audit',
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
    reaching(new Command('export').description('all of them with their audit trails as NDJSON')).action(
      (flags: Flags) => print(flags, '/api/prefixes/export'),
    ),
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

type Asking = { readonly method: 'POST'; readonly body: string }

async function print(flags: Flags, path: string, asking?: Asking): Promise<void> {
  const text = await ask(await nodeClient(flags), flags, path, asking)
  process.stdout.write(text.endsWith('\n') || text === '' ? text : `${text}\n`)
}

async function ask(client: NodeClient, flags: Flags, path: string, asking?: Asking): Promise<string> {
  const headers = { authorization: client.authorization, 'content-type': 'application/json' }
  const { statusCode, body } = await request(new URL(path, client.url), { ...asking, headers }).catch(
    (cause) => {
      const problem = `--target ${flags.target} cannot be reached: ${String(cause)}`
      throw new StartupError('CONFIG_INVALID', problem, { cause })
    },
  )
  const text = await body.text()
  if (statusCode === 200) return text
  const code = statusCode === 503 ? 'NODE_BUSY' : 'REFUSED'
  throw new StartupError(code, `the node refused with ${statusCode}: ${text}`)
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
