import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { DenseTrace } from '../workload/traces/dense-trace.ts'
import type { TraceFormatName } from '../workload/traces/formats.ts'
import {
  type LoadedTrace,
  type LoadTraceOptions,
  loadDenseTrace,
  loadStoredTrace,
} from '../workload/traces/load-dense-trace.ts'
import { hasColumn, openBlocks, type StoredTrace } from '../workload/traces/stored-trace.ts'
import { TraceError } from '../workload/traces/trace-error.ts'
import type { FormatParameters } from '../workload/traces/trace-format.ts'
import { workingSetBytes } from './choices.ts'
import { type GenerateOptions, generateStoredTrace, generateTrace } from './generate-trace.ts'
import { isGenerated, parseGenerated } from './generated-trace.ts'
import type { SimulatedTrace } from './simulation-report.ts'

export type OpenTraceOptions = {
  readonly format?: TraceFormatName
  readonly parameters?: FormatParameters
  readonly ignoreObjectSize: boolean
  /** Whether times are needed, for expiry. */
  readonly times: boolean
  readonly ttls: boolean
  /** Told how many bytes of the file have been read. */
  whenRead?(fileBytes: number): void
}

export type OpenedTrace<Trace = DenseTrace> = { readonly trace: Trace; readonly facts: SimulatedTrace }

/** Reads a trace into memory and what a manifest says of it. @throws TraceError where it cannot be used. */
export async function openTraceInMemory(file: string, options: OpenTraceOptions): Promise<OpenedTrace> {
  if (isGenerated(file)) {
    const trace = generateTrace(readGenerated(file))
    return { trace, facts: generatedFacts(file, trace) }
  }
  const loaded = await loadDenseTrace(file, loadOptions(options))
  return { trace: loaded.trace, facts: await factsOf(file, loaded, options) }
}

/** The same of any length; what is longer than memory leaves files that are the caller's to delete. */
export async function openSimulatedTrace(
  file: string,
  options: OpenTraceOptions & { readonly requestsInMemory: number },
): Promise<OpenedTrace<StoredTrace>> {
  if (isGenerated(file)) {
    const trace = generateStoredTrace(readGenerated(file), options)
    return { trace, facts: generatedFacts(file, trace) }
  }
  const { requestsInMemory } = options
  const loaded = await loadStoredTrace(file, { ...loadOptions(options), requestsInMemory })
  return { trace: loaded.trace, facts: await factsOf(file, loaded, options) }
}

function loadOptions({
  parameters,
  ignoreObjectSize,
  times,
  ttls,
  format,
  whenRead,
}: OpenTraceOptions): LoadTraceOptions {
  return {
    without: { sizes: ignoreObjectSize, times: !times, ttls: !ttls },
    ...(parameters === undefined ? {} : { parameters }),
    ...(format === undefined ? {} : { format }),
    ...(whenRead === undefined ? {} : { whenRead }),
  }
}

async function factsOf(
  file: string,
  { trace, format, skipped }: LoadedTrace<StoredTrace>,
  { parameters = {} }: OpenTraceOptions,
): Promise<SimulatedTrace> {
  return {
    file,
    sha256: await digestOf(file),
    bytes: (await stat(file)).size,
    format,
    parameters,
    requests: trace.requests,
    objects: trace.objects,
    workingSetBytes: workingSetBytes(trace),
    hasSizes: hasColumn(trace, 'bytesOf'),
    skipped,
  }
}

function readGenerated(name: string): GenerateOptions {
  const options = parseGenerated(name)
  if (typeof options !== 'string') return options
  throw new TraceError('TRACE_UNREADABLE', options, { offsetBytes: 0, record: 0 })
}

/** What is said of a drawn trace; its digest is that of the objects asked for, four bytes a request. */
function generatedFacts(name: string, trace: StoredTrace): SimulatedTrace {
  const { requests, objects } = trace
  return {
    file: name,
    sha256: digestOfObjects(trace),
    bytes: 4 * requests,
    format: 'generated',
    parameters: {},
    requests,
    objects,
    workingSetBytes: objects,
    hasSizes: false,
    skipped: 0,
  }
}

function digestOfObjects(trace: StoredTrace): string {
  const hash = createHash('sha256')
  const blocks = openBlocks(trace)
  for (let request = 0; request < trace.requests; ) {
    const block = blocks.at(request)
    hash.update(block.trace.objectOf)
    request = block.first + block.trace.requests
  }
  blocks.close()
  return hash.digest('hex')
}

/** SHA-256 of a file as it lies on disk. */
async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
