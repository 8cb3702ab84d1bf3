import { Command } from 'commander'
import { request } from 'undici'
import { StartupError } from '../errors.ts'
import type { Identification } from '../identify.ts'

/** `erji identify ID`: what an identifier of any scheme is, and where a running node leads it. */
export function identifyCommand(): Command {
  return new Command('identify')
    .description('explain an identifier (Handle, GS1, EPC, OID, Ecode, DID) and where it leads')
    .argument('<id>')
    .option('--target <url>', 'the node', 'http://127.0.0.1:8000')
    .option('--json', "the node's answer as it is")
    .action(explain)
}

async function explain(
  id: string,
  flags: { readonly target: string; readonly json?: boolean },
): Promise<void> {
  if (!URL.canParse(flags.target))
    throw new StartupError(
      'CONFIG_INVALID',
      `--target is "${flags.target}"; expected a URL such as http://127.0.0.1:8000`,
    )
  const url = new URL('/api/identify', flags.target)
  url.searchParams.set('id', id)
  const { statusCode, body } = await request(url).catch((cause) => {
    const problem = `--target ${flags.target} cannot be reached: ${String(cause)}`
    throw new StartupError('CONFIG_INVALID', problem, { cause })
  })
  const text = await body.text()
  if (statusCode !== 200)
    throw new StartupError(
      statusCode === 503 ? 'NODE_BUSY' : 'REFUSED',
      `the node answered ${statusCode}: ${text}`,
    )
  process.stdout.write(flags.json === true ? `${text}\n` : sentences(id, JSON.parse(text)))
}

function sentences(
  id: string,
  { scheme, canonical, parts, problem, asked, leadsTo }: Identification,
): string {
  const named = Object.entries(parts).filter(([, part]) => part !== '')
  const lines = [
    `${id}: ${scheme}${problem === undefined ? '' : `, but ${problem}`}`,
    `  canonical: ${canonical}`,
    ...named.map(([name, part]) => `  ${name}: ${part}`),
  ]
  if (leadsTo === undefined) lines.push(`  leads nowhere here; asked for: ${asked.join(', ') || 'nothing'}`)
  else {
    const via = leadsTo.via.length === 0 ? '' : ` by way of ${leadsTo.via.join(' → ')}`
    lines.push(
      `  leads to ${leadsTo.handle}${via}: ${leadsTo.problem ?? (leadsTo.types.join(', ') || 'no public value')}`,
    )
  }
  return `${lines.join('\n')}\n`
}
