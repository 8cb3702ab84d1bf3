import { stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { Command } from 'commander'
import { StartupError } from '../errors.ts'
import { openInput } from './compression.ts'
import { type ImportJob, sendBatch } from './import-batches.ts'
import { nodeClient } from './node-client.ts'
import { runOfflineImport } from './offline-import-command.ts'
import { type Progress, startProgress } from './progress.ts'
import { openRejects, type Rejects } from './rejects.ts'

/** `erji import`: NDJSON records into a running node, in batches, with a result for each. */
export function importCommand(): Command {
  return new Command('import')
    .description('register NDJSON records at a running node; .gz and .zst are decompressed')
    .argument('<file>', 'file with one {"handle","values"} a line, - for standard input')
    .option('--target <url>', 'the node', 'http://127.0.0.1:8000')
    .option('--user <index:handle>', 'administrator, such as 300:88.118/ADMIN; needed with --target')
    .option('--admin-secret-file <file>', 'file with the secret (or ERJI_ADMIN_SECRET)')
    .option('--offline <directory>', "write a stopped node's data directory instead, without HTTP")
    .option('--overwrite', 'replace records that differ', false)
    .option('--batch <n>', 'records in a request', '2000')
    .option('--concurrency <n>', 'requests under way', '4')
    .option('--attempts <n>', 'times to send a batch to a node that is busy or away', '8')
    .option('--rejects <file>', 'write what the node refused, with its error, as NDJSON')
    .action((file: string, flags: ImportFlags) =>
      flags.offline === undefined
        ? importRecords(file, flags)
        : runOfflineImport(file, { ...flags, offline: flags.offline }),
    )
}

type ImportFlags = {
  target: string
  user?: string
  offline?: string
  adminSecretFile?: string
  overwrite: boolean
  batch: string
  concurrency: string
  attempts: string
  rejects?: string
}

const interruptedExitCode = 130

async function importRecords(file: string, flags: ImportFlags): Promise<void> {
  const batchItems = wholeNumber('batch', flags.batch, 100_000)
  const concurrency = wholeNumber('concurrency', flags.concurrency, 64)
  const attemptsMax = wholeNumber('attempts', flags.attempts, 100)
  const client = await nodeClient({ ...flags, user: flags.user ?? '' })
  const bytesMax = file === '-' ? undefined : await sizeOf(file)
  await using rejects = await openRejects(flags.rejects)
  // Nothing is awaited from here until its errors are listened to.
  const input = openInput(file)
  const progress = startProgress(
    'records',
    bytesMax === undefined ? undefined : { bytesRead: input.bytesRead, bytesMax },
  )
  const stop = new AbortController()
  const interrupt = (): void => stop.abort()
  // Once: a second Ctrl-C ends the process whatever is under way.
  process.once('SIGINT', interrupt)
  const job: ImportJob = {
    client,
    overwrite: flags.overwrite,
    signal: stop.signal,
    attemptsMax,
    settled: (outcome) => {
      progress.add(1)
      if (outcome.refusal !== undefined) rejects.add(outcome.line, outcome.refusal)
    },
  }
  try {
    await sendAll({ file, input, job, batchItems, concurrency })
  } finally {
    process.removeListener('SIGINT', interrupt)
    progress.stop()
  }
  conclude({ stopped: stop.signal.aborted, progress, rejects })
}

function conclude(end: { stopped: boolean; progress: Progress; rejects: Rejects }): void {
  const { stopped, progress, rejects } = end
  if (rejects.count > 0) {
    process.stderr.write(`${rejects.count} records failed\n`)
    process.exitCode = 1
  }
  if (stopped) {
    process.stderr.write(
      `stopped: the node has answered for ${progress.done} records; run it again to go on\n`,
    )
    process.exitCode = interruptedExitCode
  }
}

type Sending = {
  readonly file: string
  readonly input: ReturnType<typeof openInput>
  readonly job: ImportJob
  readonly batchItems: number
  readonly concurrency: number
}

async function sendAll({ file, input, job, batchItems, concurrency }: Sending): Promise<void> {
  const { stream, raw } = input
  const underWay = new Set<Promise<void>>()
  const broken = Promise.withResolvers<never>()
  for (const part of [stream, raw]) {
    part.once('error', (cause) =>
      broken.reject(
        new StartupError('CONFIG_INVALID', `"${file}" cannot be read: ${cause.message}`, { cause }),
      ),
    )
  }
  const send = async (lines: readonly string[]): Promise<void> => {
    // A batch that fails ends the import at once, though nobody may be waiting for a batch just then.
    const pending = sendBatch(lines, job)
      .catch(broken.reject)
      .finally(() => underWay.delete(pending))
    underWay.add(pending)
    if (underWay.size >= concurrency) await Promise.race(underWay)
  }
  const reader = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })
  // Standard input may have nothing more to say for hours: closing it is what ends the wait for a line.
  job.signal.addEventListener('abort', () => reader.close())
  const consume = async (): Promise<void> => {
    let lines: string[] = []
    for await (const line of reader) {
      if (job.signal.aborted) break
      if (line.trim() !== '') lines.push(line)
      if (lines.length < batchItems) continue
      await send(lines)
      lines = []
    }
    if (lines.length > 0 && !job.signal.aborted) await send(lines)
    await Promise.all(underWay)
  }
  try {
    await Promise.race([consume(), broken.promise])
  } finally {
    raw.destroy()
  }
}

async function sizeOf(file: string): Promise<number | undefined> {
  try {
    const { size } = await stat(file)
    return size
  } catch (cause) {
    throw new StartupError('CONFIG_INVALID', `"${file}" cannot be read: ${(cause as Error).message}`, {
      cause,
    })
  }
}

function wholeNumber(flag: string, text: string, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= 1 && value <= most) return value
  throw new StartupError('CONFIG_INVALID', `--${flag} is "${text}"; expected an integer from 1 to ${most}`)
}
