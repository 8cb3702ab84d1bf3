import { stat } from 'node:fs/promises'
import type { DenseTrace } from './dense-trace.ts'
import { type TraceFormatName, traceFormatNames, traceFormats } from './formats.ts'
import { compressionOf, openTrace, type TraceBytes } from './open-trace.ts'
import type { StoredTrace } from './stored-trace.ts'
import { type ColumnChoice, TraceColumns } from './trace-columns.ts'
import { TraceError, type TracePosition } from './trace-error.ts'
import type { FormatParameters, TraceFormat } from './trace-format.ts'

export type LoadTraceOptions = {
  /** Told by name and first bytes where absent. */
  readonly format?: TraceFormatName
  readonly parameters?: FormatParameters
  /** Columns not to keep although the format has them. */
  readonly without?: Partial<ColumnChoice>
  readonly requestsMax?: number
  /** Whether the objects' own ids are kept beside their numbers. */
  readonly ids?: boolean
  /** Told how many bytes of the file have been read. */
  whenRead?(fileBytes: number): void
}

export type LoadedTrace<Trace = DenseTrace> = {
  readonly trace: Trace
  readonly format: TraceFormatName
  /** Requests for objects of no bytes, which were left out. */
  readonly skipped: number
}

/**
 * Reads a trace whole into memory, its objects numbered in order of first appearance.
 * @throws TraceError where it cannot be used: nothing of it is returned then.
 */
export async function loadDenseTrace(
  file: string | URL,
  options: LoadTraceOptions = {},
): Promise<LoadedTrace> {
  const { columns, format } = await readColumns(file, options)
  return { trace: columns.finish(), format, skipped: columns.skipped }
}

/**
 * Reads a trace of any length: beyond `requestsInMemory` its columns go to files, which are the caller's to delete.
 * @throws TraceError where it cannot be used: nothing of it is returned or left behind then.
 */
export async function loadStoredTrace(
  file: string | URL,
  options: LoadTraceOptions & { readonly requestsInMemory: number },
): Promise<LoadedTrace<StoredTrace>> {
  const { columns, format } = await readColumns(file, options)
  return { trace: columns.finishStored(), format, skipped: columns.skipped }
}

async function readColumns(
  file: string | URL,
  options: LoadTraceOptions & { readonly requestsInMemory?: number },
): Promise<{ readonly columns: TraceColumns; readonly format: TraceFormatName }> {
  const { parameters = {}, without = {}, requestsMax, requestsInMemory } = options
  const name = options.format ?? (await detectFormat(file))
  const format: TraceFormat = traceFormats[name]
  refuseUnknown(parameters, { name, format })
  const has = format.columns(parameters)
  const columns = new TraceColumns({
    sizes: has.sizes && without.sizes !== true,
    times: has.times && without.times !== true,
    ttls: has.ttls && without.ttls !== true,
    ids: options.ids === true,
    requestsHint: await requestsHint(file, format),
    ...(requestsMax === undefined ? {} : { requestsMax }),
    ...(requestsInMemory === undefined ? {} : { requestsInMemory }),
  })
  const bytes = openTrace(file, options.whenRead)
  try {
    await format.read(bytes, columns, parameters)
    return { columns, format: name }
  } catch (error) {
    columns.discard()
    throw error instanceof TraceError ? error : unreadable(error, positionIn(bytes, columns))
  }
}

/** The format that a trace's name or first bytes tell. @throws TraceError where they tell none. */
export async function detectFormat(
  file: string | URL,
  known: { readonly head?: Buffer } = {},
): Promise<TraceFormatName> {
  const path = file instanceof URL ? file.pathname : file
  const compression = compressionOf(file)
  const name = compression === undefined ? path : path.slice(0, -compression.length)
  const head = known.head ?? (await headOf(file))
  const found = traceFormatNames.find((candidate) => traceFormats[candidate].matches({ name, head }))
  if (found !== undefined) return found
  const problem = `neither name nor first bytes tell the format; name it with --format, one of ${traceFormatNames.join(', ')}`
  throw new TraceError('TRACE_UNREADABLE', problem, { offsetBytes: 0, record: 0 })
}

const headBytes = 512

async function headOf(file: string | URL): Promise<Buffer> {
  const bytes = openTrace(file)
  try {
    for await (const chunk of bytes) return chunk.subarray(0, headBytes)
    return Buffer.alloc(0)
  } catch (error) {
    throw error instanceof TraceError
      ? error
      : unreadable(error, { offsetBytes: bytes.offsetBytes, record: 0 })
  }
}

async function requestsHint(file: string | URL, { recordBytes }: TraceFormat): Promise<number> {
  if (recordBytes === undefined || compressionOf(file) !== undefined) return 0
  return Math.ceil((await stat(file)).size / recordBytes)
}

function refuseUnknown(
  parameters: FormatParameters,
  { name, format }: { readonly name: TraceFormatName; readonly format: TraceFormat },
): void {
  const unknown = Object.keys(parameters).find((key) => !format.parameters.includes(key))
  if (unknown === undefined) return
  const known = format.parameters.length === 0 ? 'none' : format.parameters.join(', ')
  const problem = `the format ${name} has no parameter "${unknown}"; it has ${known}`
  throw new TraceError('TRACE_UNREADABLE', problem, { offsetBytes: 0, record: 0 })
}

function positionIn(bytes: TraceBytes, columns: TraceColumns): TracePosition {
  return { offsetBytes: bytes.offsetBytes, record: columns.records }
}

function unreadable(error: unknown, position: TracePosition): TraceError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const text = error instanceof Error ? error.message : String(error)
  if (code === 'Z_BUF_ERROR') {
    const problem = 'the compressed trace ends too early'
    return new TraceError('TRACE_TRUNCATED', problem, position, { cause: error })
  }
  const corrupt = typeof code === 'string' && (code.startsWith('Z_') || code.startsWith('ZSTD_'))
  const problem = `the trace cannot be read: ${text}`
  return new TraceError(corrupt ? 'TRACE_CORRUPT' : 'TRACE_UNREADABLE', problem, position, { cause: error })
}
