import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { request } from 'undici'
import { StartupError } from '../errors.ts'
import { openInput } from './compression.ts'
import { type NodeClient, nodeClient } from './node-client.ts'
import { type Progress, startProgress } from './progress.ts'

/** `erji import`: NDJSON records into a running node, in batches, with a result for each. */
export function importCommand(): Command {
  return new Command('import')
    .description('register NDJSON records at a running node; .gz and .zst are decompressed')
    .argument('<file>', 'file with one {"handle","values"} a line, - for standard input')
    .option('--target <url>', 'the node', 'http://127.0.0.1:8000')
    .requiredOption('--user <index:handle>', 'administrator, such as 300:88.118/ADMIN')
    .option('--admin-secret-file <file>', 'file with the secret (or ERJI_ADMIN_SECRET)')
    .option('--overwrite', 'replace records that differ', false)
    .option('--batch <n>', 'records in a request', '2000')
    .option('--concurrency <n>', 'requests under way', '4')
    .action(importRecords)
}

type ImportFlags = {
  target: string
  user: string
  adminSecretFile?: string
  overwrite: boolean
  batch: string
  concurrency: string
}

type Job = {
  readonly client: NodeClient
  readonly overwrite: boolean
  readonly progress: Progress
  failed: number
}

async function importRecords(file: string, flags: ImportFlags): Promise<void> {
  const batchItems = wholeNumber('batch', flags.batch, 100_000)
  const concurrency = wholeNumber('concurrency', flags.concurrency, 64)
  const job: Job = {
    client: await nodeClient(flags),
    overwrite: flags.overwrite,
    progress: startProgress('records', undefined),
    failed: 0,
  }
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  try {
    await sendAll(file, { job, batchItems, concurrency, signal: stop.signal })
  } finally {
    job.progress.stop()
  }
  if (stop.signal.aborted)
    process.stderr.write(`stopped: ${job.progress.done} records are acknowledged; run it again to go on\n`)
  if (job.failed > 0) process.stderr.write(`${job.failed} records failed\n`)
  if (job.failed > 0 || stop.signal.aborted) process.exitCode = 1
}

async function sendAll(
  file: string,
  {
    job,
    batchItems,
    concurrency,
    signal,
  }: { job: Job; batchItems: number; concurrency: number; signal: AbortSignal },
): Promise<void> {
  const underWay = new Set<Promise<void>>()
  const send = async (lines: readonly string[]): Promise<void> => {
    const pending = sendBatch(lines, job).finally(() => underWay.delete(pending))
    underWay.add(pending)
    if (underWay.size >= concurrency) await Promise.race(underWay)
  }
  let lines: string[] = []
  const { stream, raw } = openInput(file)
  const input = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })
  const broken = new Promise<never>((_resolve, reject) => {
    for (const part of [stream, raw]) {
      part.once('error', (cause) =>
        reject(new StartupError('CONFIG_INVALID', `"${file}" cannot be read: ${cause.message}`, { cause })),
      )
    }
  })
  const consume = async (): Promise<void> => {
    for await (const line of input) {
      if (signal.aborted) break
      if (line.trim() !== '') lines.push(line)
      if (lines.length < batchItems) continue
      await send(lines)
      lines = []
    }
    if (lines.length > 0 && !signal.aborted) await send(lines)
    await Promise.all(underWay)
  }
  await Promise.race([consume(), broken])
}

const attemptsMax = 8
const backoffMs = 250
const shownFailuresMax = 10

/** Sends one batch until the node has answered it: repeating is safe, the same record again is no error. */
async function sendBatch(lines: readonly string[], job: Job): Promise<void> {
  const url = new URL(`/api/registrations?overwrite=${job.overwrite}`, job.client.url)
  const headers = { authorization: job.client.authorization, 'content-type': 'application/x-ndjson' }
  for (let attempt = 1; ; attempt++) {
    try {
      const { statusCode, body } = await request(url, { method: 'POST', headers, body: lines.join('\n') })
      const text = await body.text()
      if (statusCode === 200) return settle(lines, text, job)
      if (statusCode !== 503)
        throw new StartupError('CONFIG_INVALID', `the node refused with ${statusCode}: ${text}`)
    } catch (cause) {
      if (cause instanceof StartupError) throw cause
      if (attempt === attemptsMax)
        throw new StartupError('CONFIG_INVALID', `--target cannot be reached: ${String(cause)}`, { cause })
    }
    if (attempt === attemptsMax)
      throw new StartupError('CONFIG_INVALID', `the node stayed busy for ${attemptsMax} attempts`)
    await sleep(backoffMs * 2 ** attempt)
  }
}

function settle(lines: readonly string[], text: string, job: Job): void {
  for (const line of text.split('\n')) {
    if (line === '' || line.includes('"responseCode":1,')) continue
    job.failed++
    if (job.failed <= shownFailuresMax) process.stderr.write(`${line}\n`)
  }
  job.progress.add(lines.length)
}

function wholeNumber(flag: string, text: string, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= 1 && value <= most) return value
  throw new StartupError('CONFIG_INVALID', `--${flag} is "${text}"; expected an integer from 1 to ${most}`)
}
