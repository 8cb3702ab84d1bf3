import { stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { StartupError } from '../errors.ts'
import { prefixRecordHandle } from '../identifier/handle.ts'
import { decodeRecord } from '../identifier/record-encoding.ts'
import { type BulkImport, type ExistingPolicy, openBulkImport } from '../store/bulk-import.ts'
import { nowSeconds, systemClock } from '../support/clock.ts'
import { sameValues } from '../value-changes.ts'
import { openInput } from './compression.ts'
import { lineBlocks } from './line-blocks.ts'
import type { ParsedLines } from './offline-parse.ts'
import { parseBlocks } from './offline-parsers.ts'

export type OfflineImportOptions = {
  /** NDJSON, perhaps compressed; `-` for standard input. */
  readonly file: string
  /** Data directory of a stopped node. */
  readonly directory: string
  readonly overwrite: boolean
  readonly signal: AbortSignal
  /** Told of lines that were settled since the last call. */
  settled(lines: number): void
  /** Told of each line that was not imported, counted from 1. */
  refused(line: number, why: string): void
}

export type OfflineImportResult = {
  readonly created: number
  readonly replaced: number
  readonly identical: number
  readonly refused: number
  /** Lines that an interrupted import of the same file had settled. */
  readonly skippedLines: number
  /** Prefixes of imported records that have no prefix record yet: a node answers for them once it is started with them. */
  readonly prefixesNotHomed: readonly string[]
}

const blockBytes = 2 ** 20
const diskReserveBytes = 256 * 2 ** 20

/**
 * `erji import --offline`: NDJSON straight into a stopped node's store, parsed on all cores. Whatever ends it, the same
 * command goes on behind the last lines that were written. Nobody is asked for permission: who may write the directory may.
 * @throws StartupError, HandleError STORE_FULL, STORE_UNAVAILABLE.
 */
export async function importOffline(options: OfflineImportOptions): Promise<OfflineImportResult> {
  const source = await describeSource(options.file)
  const store = await openBulkImport({
    directory: options.directory,
    source,
    startSeconds: nowSeconds(systemClock),
    diskReserveBytes,
  })
  try {
    return await importInto(store, options)
  } finally {
    await store.close()
  }
}

async function importInto(store: BulkImport, options: OfflineImportOptions): Promise<OfflineImportResult> {
  const { file, signal, settled } = options
  const policy: ExistingPolicy = { overwrite: options.overwrite, isSame }
  const skippedLines = file === '-' ? 0 : store.position
  const result = { created: 0, replaced: 0, identical: 0, refused: 0, skippedLines }
  const prefixes = new Set<string>()
  const { stream, raw } = openInput(file)
  const readable = readErrors(stream, raw, file)
  const blocks = lineBlocks(stream, { blockBytes, skipLines: skippedLines })
  const threads = Math.max(1, availableParallelism() - 1)
  let lines = skippedLines
  const consume = async (): Promise<void> => {
    for await (const parsed of parseBlocks(blocks, { threads, startSeconds: store.startSeconds })) {
      const { created, replaced, identical, refused } = await store.write(
        parsed.batch,
        lines + parsed.lines,
        policy,
      )
      for (const { prefix } of parsed.batch.prefixes) prefixes.add(prefix)
      result.created += created
      result.replaced += replaced
      result.identical += identical
      result.refused += refused.length + parsed.failures.length
      tellRefused(options, { parsed, refused, linesBefore: lines })
      lines += parsed.lines
      settled(parsed.lines)
      if (signal.aborted) return
    }
  }
  try {
    await Promise.race([consume(), readable])
    if (!signal.aborted) await store.finish()
  } finally {
    raw.destroy()
  }
  const prefixesNotHomed = [...prefixes].filter(
    (prefix) => prefix !== '0.NA' && !store.has(prefixRecordHandle(prefix)),
  )
  return { ...result, prefixesNotHomed }
}

function tellRefused(
  { refused: tell }: OfflineImportOptions,
  block: { readonly parsed: ParsedLines; readonly refused: readonly number[]; readonly linesBefore: number },
): void {
  const { parsed, refused, linesBefore } = block
  for (const record of refused) {
    const line = linesBefore + (parsed.lineOfRecord[record] ?? 0) + 1
    tell(line, 'the handle exists with other values')
  }
  for (const { line, message } of parsed.failures) tell(linesBefore + line + 1, message)
}

function isSame(previous: Uint8Array, next: Uint8Array): boolean {
  return sameValues(decodeRecord(previous).values, decodeRecord(next).values)
}

/** Rejects when the file cannot be read; resolves never. */
function readErrors(stream: NodeJS.ReadableStream, raw: NodeJS.ReadableStream, file: string): Promise<never> {
  return new Promise((_resolve, reject) => {
    for (const part of [stream, raw]) {
      part.once('error', (cause: Error) => {
        // Leaving the loop over a stream is what destroys it that way.
        if (cause.name === 'AbortError') return
        reject(new StartupError('CONFIG_INVALID', `"${file}" cannot be read: ${cause.message}`, { cause }))
      })
    }
  })
}

/** The same file has the same description until it is changed; standard input never. */
async function describeSource(file: string): Promise<string> {
  if (file === '-') return `standard input at ${systemClock.nowMs()}`
  try {
    const { size, mtimeMs } = await stat(file)
    return `${resolve(file)}, ${size} bytes of ${new Date(mtimeMs).toISOString()}`
  } catch (cause) {
    throw new StartupError('CONFIG_INVALID', `"${file}" cannot be read: ${(cause as Error).message}`, {
      cause,
    })
  }
}
