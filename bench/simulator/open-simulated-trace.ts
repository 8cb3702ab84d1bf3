import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { TraceFormatName } from '../workload/traces/formats.ts'
import { loadDenseTrace } from '../workload/traces/load-dense-trace.ts'
import { TraceError } from '../workload/traces/trace-error.ts'
import type { FormatParameters } from '../workload/traces/trace-format.ts'
import { workingSetBytes } from './choices.ts'
import type { DenseTrace } from './dense-trace.ts'
import { generateTrace } from './generate-trace.ts'
import { isGenerated, parseGenerated } from './generated-trace.ts'
import type { SimulatedTrace } from './simulation-report.ts'

export type OpenTraceOptions = {
  readonly format?: TraceFormatName
  readonly parameters?: FormatParameters
  readonly ignoreObjectSize: boolean
  /** Whether times are needed, for expiry. */
  readonly times: boolean
  readonly ttls: boolean
}

/** Reads a trace and what a manifest says of it. @throws TraceError where it cannot be used. */
export async function openSimulatedTrace(
  file: string,
  options: OpenTraceOptions,
): Promise<{ readonly trace: DenseTrace; readonly facts: SimulatedTrace }> {
  if (isGenerated(file)) return openGenerated(file)
  const { parameters = {}, ignoreObjectSize, times, ttls } = options
  const { trace, format, skipped } = await loadDenseTrace(file, {
    parameters,
    without: { sizes: ignoreObjectSize, times: !times, ttls: !ttls },
    ...(options.format === undefined ? {} : { format: options.format }),
  })
  const facts: SimulatedTrace = {
    file,
    sha256: await digestOf(file),
    bytes: (await stat(file)).size,
    format,
    parameters,
    requests: trace.requests,
    objects: trace.objects,
    workingSetBytes: workingSetBytes(trace),
    hasSizes: trace.bytesOf !== undefined,
    skipped,
  }
  return { trace, facts }
}

/** Draws the trace; its digest is that of the objects asked for, four bytes a request. */
function openGenerated(name: string): { readonly trace: DenseTrace; readonly facts: SimulatedTrace } {
  const options = parseGenerated(name)
  if (typeof options === 'string')
    throw new TraceError('TRACE_UNREADABLE', options, { offsetBytes: 0, record: 0 })
  const trace = generateTrace(options)
  const { requests, objects, objectOf } = trace
  const facts: SimulatedTrace = {
    file: name,
    sha256: createHash('sha256').update(objectOf).digest('hex'),
    bytes: objectOf.byteLength,
    format: 'generated',
    parameters: {},
    requests,
    objects,
    workingSetBytes: objects,
    hasSizes: false,
    skipped: 0,
  }
  return { trace, facts }
}

/** SHA-256 of a file as it lies on disk. */
async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
