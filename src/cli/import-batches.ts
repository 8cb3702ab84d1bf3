import { setTimeout as sleep } from 'node:timers/promises'
import { request } from 'undici'
import { StartupError } from '../errors.ts'
import type { NodeClient } from './node-client.ts'

/** One import under way: where batches go and who hears of what became of each record. */
export type ImportJob = {
  readonly client: NodeClient
  readonly overwrite: boolean
  readonly signal: AbortSignal
  /** How often a batch is sent to a node that is busy or away before giving up. */
  readonly attemptsMax: number
  /** Called once for each record that the node has answered. */
  settled(outcome: { readonly line: string; readonly refusal: Refusal | undefined }): void
}

/** What the node says of a record that it did not take. */
export type Refusal = { readonly responseCode: number; readonly message?: string }

const backoffMs = 250
// What is under way when the import is interrupted is waited for, so that it counts, but not for a node that hangs.
const interruptedGraceMs = 3000

/**
 * Sends one batch until the node has answered for each of its lines: repeating is safe, the same record again is no
 * error. Returns early when the signal says so. @throws StartupError NODE_BUSY, or CONFIG_INVALID
 */
export async function sendBatch(lines: readonly string[], job: ImportJob): Promise<void> {
  let rest = lines
  for (let attempt = 1; rest.length > 0; attempt++) {
    const answer = await post(rest, job.client.url, job).catch((cause) => cause as Error)
    if (answer instanceof Error) {
      if (job.signal.aborted) return
      if (attempt < job.attemptsMax) await backOff(attempt, job.signal)
      else throw unreachable(job.client.url, answer)
    } else if (answer.status === 200) {
      const answered = settle(rest, answer.text, job)
      if (answered > 0) attempt = 0
      rest = rest.slice(answered)
    } else if (answer.status === 413) {
      return sendParts(rest, answer.text, job)
    } else if (answer.status === 503) {
      if (attempt === job.attemptsMax) throw busy(job.attemptsMax, answer.text)
      await backOff(attempt, job.signal)
    } else {
      throw new StartupError('CONFIG_INVALID', `the node refused with ${answer.status}: ${answer.text}`)
    }
    if (job.signal.aborted) return
  }
}

async function post(
  lines: readonly string[],
  base: URL,
  job: ImportJob,
): Promise<{ status: number; text: string }> {
  const cut = new AbortController()
  let grace: NodeJS.Timeout | undefined
  const interrupted = (): void => {
    grace = setTimeout(() => cut.abort(), interruptedGraceMs)
  }
  job.signal.addEventListener('abort', interrupted)
  try {
    const { statusCode, body } = await request(
      new URL(`/api/registrations?overwrite=${job.overwrite}`, base),
      {
        method: 'POST',
        headers: { authorization: job.client.authorization, 'content-type': 'application/x-ndjson' },
        body: lines.join('\n'),
        signal: cut.signal,
      },
    )
    return { status: statusCode, text: await body.text() }
  } finally {
    job.signal.removeEventListener('abort', interrupted)
    clearTimeout(grace)
  }
}

/** A batch over the node's bound on bytes goes in halves; a record that is over it alone is refused. */
async function sendParts(lines: readonly string[], refusal: string, job: ImportJob): Promise<void> {
  const [line] = lines
  if (lines.length === 1 && line !== undefined) {
    job.settled({ line, refusal: JSON.parse(refusal) as Refusal })
    return
  }
  const middle = Math.ceil(lines.length / 2)
  await sendBatch(lines.slice(0, middle), job)
  if (!job.signal.aborted) await sendBatch(lines.slice(middle), job)
}

/** Reports each line's result and says how many had one: what the node's limits left out is sent again. */
function settle(lines: readonly string[], text: string, job: ImportJob): number {
  const results = text.split('\n').filter((result) => result !== '')
  const last = parsed(results.at(-1) ?? '{}')
  const answered = last.limits === undefined ? results.length : last.itemsAccepted
  for (const [position, line] of lines.slice(0, answered).entries()) {
    const result = results[position] ?? ''
    job.settled({ line, refusal: result.includes('"responseCode":1,') ? undefined : parsed(result) })
  }
  const [line] = lines
  if (answered > 0 || line === undefined) return answered
  // A line that the limits leave out when it is the first of all would be left out every time.
  job.settled({ line, refusal: last })
  return 1
}

type Result = Refusal & { readonly limits?: unknown; readonly itemsAccepted: number }

function parsed(result: string): Result {
  return JSON.parse(result) as Result
}

async function backOff(attempt: number, signal: AbortSignal): Promise<void> {
  await sleep(backoffMs * 2 ** (attempt - 1), undefined, { signal }).catch((error: Error) => {
    if (error.name !== 'AbortError') throw error
  })
}

function busy(attempts: number, text: string): StartupError {
  return new StartupError(
    'NODE_BUSY',
    `the node stayed busy for ${attempts} attempts: ${text}; what it acknowledged is safe, run the import again`,
  )
}

function unreachable(url: URL, cause: Error): StartupError {
  const code = (cause as NodeJS.ErrnoException).code ?? cause.message
  return new StartupError('CONFIG_INVALID', `--target ${url.origin} cannot be reached: ${code}`, { cause })
}
