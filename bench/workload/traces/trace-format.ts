import type { TraceBytes } from './open-trace.ts'
import type { ColumnChoice, TraceColumns } from './trace-columns.ts'

/** Parameters of a format by libCacheSim's names, such as `obj-id-col=2`. */
export type FormatParameters = Readonly<Record<string, string>>

/** One row of the table of formats. */
export type TraceFormat = {
  /** Whether a file belongs to it, told by its name without the ending of a compression, or by its first bytes. */
  matches(file: { readonly name: string; readonly head: Buffer }): boolean
  /** Names of the parameters it takes. */
  readonly parameters: readonly string[]
  /** Which columns it has. */
  columns(parameters: FormatParameters): ColumnChoice
  /** Bytes of one request, where all are alike. */
  readonly recordBytes?: number
  /** @throws TraceError where the trace ends within a request or contradicts itself. */
  read(bytes: TraceBytes, columns: TraceColumns, parameters: FormatParameters): Promise<void>
}

export const onlyObjects: ColumnChoice = { sizes: false, times: false, ttls: false }
