import { closeSync, openSync, readSync, rmSync } from 'node:fs'
import { assert } from '../../../src/support/assert.ts'
import type { DenseTrace } from './dense-trace.ts'

/** 128 MiB a column. */
export const requestsInMemoryDefault = 2 ** 25

export const traceColumnNames = ['objectOf', 'bytesOf', 'atSecondsOf', 'ttlSecondsOf'] as const
export type TraceColumnName = (typeof traceColumnNames)[number]

/** A trace with more requests than are kept in memory: its columns lie in files, four bytes a request, as the machine orders them. */
export type SpilledTrace = {
  readonly requests: number
  readonly objects: number
  /** Bytes of all objects, each as large as at its first request; absent for a trace without sizes. */
  readonly workingSetBytes: number | undefined
  readonly directory: string
  readonly files: Readonly<Partial<Record<TraceColumnName, string>>>
}

/** A trace as a simulation takes it. */
export type StoredTrace = DenseTrace | SpilledTrace

export function isSpilled(trace: StoredTrace): trace is SpilledTrace {
  return 'files' in trace
}

/** Whether the trace has sizes, times or ttls. */
export function hasColumn(trace: StoredTrace, name: TraceColumnName): boolean {
  return (isSpilled(trace) ? trace.files[name] : trace[name]) !== undefined
}

/** Deletes the files of a trace that has any. */
export function discardTrace(trace: StoredTrace): void {
  if (isSpilled(trace)) rmSync(trace.directory, { recursive: true, force: true })
}

/** Consecutive requests of a trace: request `first` of the whole is number 0 here. */
export type TraceBlock = { readonly first: number; readonly trace: DenseTrace }

/** Hands out a trace block by block, in any order; a block is valid until the next one. */
export interface TraceBlocks {
  /** The block that holds a request. */
  at(request: number): TraceBlock
  close(): void
}

/** Opens a trace: one in memory is one block. */
export function openBlocks(trace: StoredTrace): TraceBlocks {
  if (isSpilled(trace)) return new FileBlocks(trace)
  return { at: () => ({ first: 0, trace }), close: () => undefined }
}

class FileBlocks implements TraceBlocks {
  readonly #trace: SpilledTrace
  readonly #columns: readonly { name: TraceColumnName; descriptor: number; words: Uint32Array }[]
  #block: TraceBlock | undefined

  constructor(trace: SpilledTrace) {
    this.#trace = trace
    this.#columns = traceColumnNames.flatMap((name) => {
      const file = trace.files[name]
      if (file === undefined) return []
      return [{ name, descriptor: openSync(file, 'r'), words: new Uint32Array(blockRequests) }]
    })
  }

  at(request: number): TraceBlock {
    const first = request - (request % blockRequests)
    if (this.#block?.first !== first) this.#block = this.#read(first)
    return this.#block
  }

  close(): void {
    for (const { descriptor } of this.#columns) closeSync(descriptor)
  }

  #read(first: number): TraceBlock {
    const { requests: all, objects } = this.#trace
    const requests = Math.min(blockRequests, all - first)
    const columns = this.#columns.map(({ name, descriptor, words }) => {
      const column = words.subarray(0, requests)
      readWhole(descriptor, column, first)
      return [name, column] as const
    })
    return {
      first,
      trace: { requests, objects, ...(Object.fromEntries(columns) as Pick<DenseTrace, 'objectOf'>) },
    }
  }
}

// Four MiB a column and thread.
const blockRequests = 2 ** 20

function readWhole(descriptor: number, column: Uint32Array, first: number): void {
  const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength)
  for (let done = 0; done < bytes.length; ) {
    const read = readSync(descriptor, bytes, done, bytes.length - done, 4 * first + done)
    assert(read > 0, 'a column has four bytes for every request')
    done += read
  }
}
