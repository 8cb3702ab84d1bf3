import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Command } from 'commander'
import { request } from 'undici'
import { StartupError } from '../errors.ts'
import { outputStages } from './compression.ts'
import { nodeClient } from './node-client.ts'
import { startProgress } from './progress.ts'

/** `erji export`: the records of a prefix from a running node as NDJSON that `erji import` takes back. */
export function exportCommand(): Command {
  return new Command('export')
    .description('write the records under a prefix as NDJSON; compressed when the file ends in .gz or .zst')
    .argument('[file]', 'file to write, - for standard output', '-')
    .requiredOption('--prefix <prefix>', 'naming prefix to export')
    .option('--target <url>', 'the node', 'http://127.0.0.1:8000')
    .requiredOption('--user <index:handle>', 'administrator, such as 300:88.118/ADMIN')
    .option('--admin-secret-file <file>', 'file with the secret (or ERJI_ADMIN_SECRET)')
    .option('--after <handle>', 'continue behind this handle')
    .action(exportRecords)
}

type ExportFlags = { prefix: string; target: string; user: string; adminSecretFile?: string; after?: string }

async function exportRecords(file: string, flags: ExportFlags): Promise<void> {
  const client = await nodeClient(flags)
  const url = new URL('/api/registrations', client.url)
  url.searchParams.set('prefix', flags.prefix)
  if (flags.after !== undefined) url.searchParams.set('after', flags.after)
  const { statusCode, body } = await request(url, { headers: { authorization: client.authorization } }).catch(
    (cause) => {
      throw new StartupError(
        'CONFIG_INVALID',
        `--target ${flags.target} cannot be reached: ${String(cause)}`,
        { cause },
      )
    },
  )
  if (statusCode === 503)
    throw new StartupError('NODE_BUSY', `the node is busy: ${await body.text()}; run the export again`)
  if (statusCode !== 200)
    throw new StartupError('CONFIG_INVALID', `the node refused with ${statusCode}: ${await body.text()}`)
  const progress = startProgress('records', undefined)
  const counted = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      progress.add(countLines(chunk))
      yield chunk
    }
  }
  await pipeline([Readable.from(body), counted, ...outputStages(file)] as unknown as NodeJS.ReadableStream[])
  progress.stop()
}

function countLines(chunk: Buffer): number {
  let lines = 0
  for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, at + 1)) lines++
  return lines
}
