import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Command } from 'commander'
import { request } from 'undici'
import { StartupError } from '../errors.ts'
import { outputStages } from './compression.ts'
import { type NodeClient, nodeClient } from './node-client.ts'
import { type Progress, startProgress } from './progress.ts'

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

const interruptedExitCode = 130

async function exportRecords(file: string, flags: ExportFlags): Promise<void> {
  const client = await nodeClient(flags)
  const stop = new AbortController()
  const interrupt = (): void => stop.abort()
  // Once: a second Ctrl-C ends the process whatever is under way.
  process.once('SIGINT', interrupt)
  const progress = startProgress('records', undefined)
  const lines = new WholeLines(progress)
  try {
    await write(await answer(client, { flags, signal: stop.signal }), { file, lines, signal: stop.signal })
  } catch (error) {
    if (!stop.signal.aborted) throw error
  } finally {
    process.removeListener('SIGINT', interrupt)
    progress.stop()
  }
  if (!stop.signal.aborted) return
  process.stderr.write(`stopped: ${lines.written()}\n`)
  process.exitCode = interruptedExitCode
}

async function answer(
  client: NodeClient,
  { flags, signal }: { flags: ExportFlags; signal: AbortSignal },
): Promise<AsyncIterable<Buffer>> {
  const url = new URL('/api/registrations', client.url)
  url.searchParams.set('prefix', flags.prefix)
  if (flags.after !== undefined) url.searchParams.set('after', flags.after)
  const headers = { authorization: client.authorization }
  const { statusCode, body } = await request(url, { headers, signal }).catch((cause) => {
    const problem = `--target ${flags.target} cannot be reached: ${String(cause)}`
    throw new StartupError('CONFIG_INVALID', problem, { cause })
  })
  if (statusCode === 503)
    throw new StartupError('NODE_BUSY', `the node is busy: ${await body.text()}; run the export again`)
  if (statusCode !== 200)
    throw new StartupError('CONFIG_INVALID', `the node refused with ${statusCode}: ${await body.text()}`)
  return body
}

type Writing = { readonly file: string; readonly lines: WholeLines; readonly signal: AbortSignal }

async function write(body: AsyncIterable<Buffer>, { file, lines, signal }: Writing): Promise<void> {
  const source = async function* (): AsyncGenerator<Buffer> {
    try {
      yield* lines.of(body)
    } catch (cause) {
      // Ending here rather than failing lets a compressed file be finished, so that what it has can be read.
      if (signal.aborted) return
      const problem = `the node's answer broke off: ${String(cause)}; ${lines.written()}`
      throw new StartupError('NODE_BUSY', problem, { cause })
    }
  }
  const stages = [Readable.from(source()), ...outputStages(file)]
  await pipeline(stages as unknown as NodeJS.ReadableStream[]).catch((cause) => {
    if (cause instanceof StartupError) throw cause
    const problem = `"${file}" cannot be written: ${(cause as Error).message}`
    throw new StartupError('CONFIG_INVALID', problem, { cause })
  })
}

/** Passes whole lines only, so that an export that ends early ends behind a record. */
class WholeLines {
  readonly #progress: Progress
  #last: Buffer | undefined

  constructor(progress: Progress) {
    this.#progress = progress
  }

  async *of(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let pending: Buffer[] = []
    for await (const chunk of chunks) {
      const end = chunk.lastIndexOf(lineFeed) + 1
      if (end > 0) {
        const lines = Buffer.concat([...pending, chunk.subarray(0, end)])
        pending = []
        this.#last = lines.subarray(lines.lastIndexOf(lineFeed, lines.length - 2) + 1)
        this.#progress.add(countLines(lines))
        yield lines
      }
      if (end < chunk.length) pending.push(chunk.subarray(end))
    }
  }

  /** What has been written, and how to go on behind it. */
  written(): string {
    if (this.#last === undefined) return 'no record is written'
    const { handle } = JSON.parse(this.#last.toString('utf8')) as { handle: string }
    const count = `${this.#progress.done} records are written`
    return `${count}; --after ${JSON.stringify(handle)} and another file go on behind them`
  }
}

const lineFeed = 0x0a

function countLines(chunk: Buffer): number {
  let lines = 0
  for (let at = chunk.indexOf(lineFeed); at >= 0; at = chunk.indexOf(lineFeed, at + 1)) lines++
  return lines
}
