import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SpilledTrace, TraceColumnName } from './stored-trace.ts'

/** Takes the columns of a trace from memory into files below the directory for temporary ones (`TMPDIR`). */
export class Spill {
  readonly directory = mkdtempSync(join(tmpdir(), 'erji-trace-'))
  readonly #descriptors = new Map<TraceColumnName, number>()

  /** Appends words to a column. @throws Error of the file system, such as ENOSPC. */
  append(name: TraceColumnName, column: Uint32Array): void {
    const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength)
    const descriptor = this.#descriptorOf(name)
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done)
  }

  /** Closes the files; they are the trace's from now on. */
  finish(facts: Pick<SpilledTrace, 'requests' | 'objects' | 'workingSetBytes'>): SpilledTrace {
    this.#close()
    const files = Object.fromEntries([...this.#descriptors.keys()].map((name) => [name, this.#pathOf(name)]))
    return { ...facts, directory: this.directory, files }
  }

  /** Deletes what was written. */
  discard(): void {
    this.#close()
    rmSync(this.directory, { recursive: true, force: true })
  }

  #close(): void {
    for (const descriptor of this.#descriptors.values()) closeSync(descriptor)
  }

  #descriptorOf(name: TraceColumnName): number {
    const known = this.#descriptors.get(name)
    if (known !== undefined) return known
    const descriptor = openSync(this.#pathOf(name), 'wx')
    this.#descriptors.set(name, descriptor)
    return descriptor
  }

  #pathOf(name: TraceColumnName): string {
    return join(this.directory, name)
  }
}
