import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { type CapacityResult, capacitySchemaVersion } from '../capacity/capacity-result.ts'
import { capacitySchema } from '../capacity/capacity-schema.ts'
import { type GateResult, gateSchemaVersion } from '../gate/gate-result.ts'
import { gateSchema } from '../gate/gate-schema.ts'
import { parseReport, problemsOf, ReportReadError } from '../report/read-report.ts'
import type { Report } from '../report/report.ts'

/** A JSON file of a directory of results, read; what it is that has no page here; or why it could not be read. */
export type ListedResult =
  | { readonly kind: 'report'; readonly name: string; readonly report: Report }
  | { readonly kind: 'gate'; readonly name: string; readonly gate: GateResult }
  | { readonly kind: 'capacity'; readonly name: string; readonly capacity: CapacityResult }
  | { readonly kind: 'other'; readonly name: string; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly name: string; readonly reason: string }

/** Larger files are named and not read. */
const fileBytesMax = 256 * 1024 * 1024

/** The results of one directory, its own files only; what has not changed is not read again. */
export class ResultDirectory {
  readonly #directory: string
  readonly #known = new Map<string, { readonly stamp: string; readonly result: ListedResult }>()

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Every JSON file by name, the latest name first; not what an interrupted load left to go on from. */
  async list(): Promise<readonly ListedResult[]> {
    const entries = await readdir(this.#directory, { withFileTypes: true })
    const names = entries
      .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
      .map(({ name }) => name)
      .filter((name) => !ledgerName.test(name))
    for (const name of this.#known.keys()) if (!names.includes(name)) this.#known.delete(name)
    const results: ListedResult[] = []
    for (const name of names.sort().reverse()) results.push(await this.#read(name))
    return results
  }

  /** The result in a file of that name; undefined where the directory holds none, whatever the name says. */
  async find(name: string): Promise<ListedResult | undefined> {
    const entries = await readdir(this.#directory, { withFileTypes: true })
    const found = entries.some((entry) => entry.isFile() && entry.name === name && name.endsWith('.json'))
    return found ? this.#read(name) : undefined
  }

  async #read(name: string): Promise<ListedResult> {
    const path = join(this.#directory, name)
    try {
      const { mtimeMs, size } = await stat(path)
      const stamp = `${mtimeMs} ${size}`
      const known = this.#known.get(name)
      if (known?.stamp === stamp) return known.result
      const result: ListedResult =
        size > fileBytesMax
          ? { kind: 'unreadable', name, reason: `larger than ${fileBytesMax} bytes` }
          : parseResult(name, await readFile(path, 'utf8'))
      this.#known.set(name, { stamp, result })
      return result
    } catch (error) {
      return { kind: 'unreadable', name, reason: error instanceof Error ? error.message : String(error) }
    }
  }
}

const ledgerName = /^erji-load-[0-9a-f]+\.json$/

/** What a text is, by the version that it names. */
export function parseResult(name: string, text: string): ListedResult {
  const value = parsed(text)
  if (has(value, 'gateSchemaVersion')) {
    if (value.gateSchemaVersion !== gateSchemaVersion) return otherVersion(name, value, 'gateSchemaVersion')
    const gate = gateSchema.safeParse(value)
    return gate.success ? { kind: 'gate', name, gate: gate.data } : damaged(name, gate.error, value)
  }
  if (has(value, 'capacitySchemaVersion')) {
    if (value.capacitySchemaVersion !== capacitySchemaVersion)
      return otherVersion(name, value, 'capacitySchemaVersion')
    const capacity = capacitySchema.safeParse(value)
    return capacity.success
      ? { kind: 'capacity', name, capacity: capacity.data }
      : damaged(name, capacity.error, value)
  }
  if (value !== undefined && !has(value, 'phases')) {
    return { kind: 'other', name, reason: 'neither a run nor a gate nor a capacity' }
  }
  try {
    return { kind: 'report', name, report: parseReport({ text, file: name }) }
  } catch (error) {
    if (error instanceof ReportReadError) return { kind: 'unreadable', name, reason: error.message }
    throw error
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Reading it as a report says what is wrong with it.
    return undefined
  }
}

function has<Name extends string>(value: unknown, name: Name): value is Record<Name, unknown> {
  return typeof value === 'object' && value !== null && name in value
}

function otherVersion<Name extends string>(
  name: string,
  value: Record<Name, unknown>,
  field: Name,
): ListedResult {
  return {
    kind: 'unreadable',
    name,
    reason: `${field} is ${JSON.stringify(value[field])}, which this program does not read`,
  }
}

function damaged(name: string, error: z.ZodError, value: unknown): ListedResult {
  return { kind: 'unreadable', name, reason: `damaged:\n${problemsOf(error, value).join('\n')}` }
}
