import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { commitOf } from '../measure/environment.ts'
import { resolveReference } from './checkout.ts'

/**
 * What a side is when its name means something else: the commit of a reference or of this work tree (with `+dirty` where
 * files differ from it); an address or a file as it is given. @throws UsageError for what is none of these
 */
export async function tellSide(at: string): Promise<string> {
  if (at === '.') return commitOf(repository) ?? at
  if (/^https?:/.test(at) || isFile(at)) return at
  return resolveReference(at, repository)
}

/** Whether a side is a file, and so a finished report. */
export function isFile(at: string): boolean {
  return statSync(at, { throwIfNoEntry: false })?.isFile() === true
}

const repository = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/** The fields of a workload that tell one from another at a glance. */
export type ToldWorkload = {
  readonly preset?: unknown
  readonly rate?: unknown
  readonly clients?: unknown
  readonly identifiers?: unknown
}

/** What was asked, such as `traceability at 2000/s over 100000 identifiers`. */
export function tellWorkload({ preset, rate, clients, identifiers }: ToldWorkload): string {
  const driven = clients === undefined ? `at ${String(rate)}/s` : `by ${String(clients)} clients`
  return `${String(preset)} ${driven} over ${String(identifiers)} identifiers`
}
