import { readFileSync } from 'node:fs'
import { UsageError } from './flags.ts'
import type { Credentials } from './target/index.ts'
import type { RecordGeneratorOptions } from './workload/record-generator.ts'

/** Which identifiers a command writes, and as whom. */
export type Identifying = {
  readonly prefix: string
  readonly seed: number
  readonly user?: string | undefined
  readonly secretFile?: string | undefined
  readonly recordAdmin: boolean
  readonly prefixes?: number
}

/** Who writes: the administrator of the prefix unless another is named; nobody without a secret. @throws UsageError */
export function credentialsOf({ prefix, user, secretFile }: Identifying): Credentials | undefined {
  if (secretFile === undefined) return undefined
  return { user: user ?? `300:${prefix}/ADMIN`, secret: readSecret(secretFile) }
}

/** The generated records that the flags describe. */
export function recordsOf(flags: Identifying): RecordGeneratorOptions {
  const { prefix, seed, user, recordAdmin, prefixes } = flags
  const derived = prefixes === undefined ? {} : { derivedPrefixes: prefixes }
  if (!recordAdmin) return { prefix, seed, toleratesAddedAdmin: true, ...derived }
  const [index = '', ...handle] = (user ?? `300:${prefix}/ADMIN`).split(':')
  return { prefix, seed, adminHandle: handle.join(':'), adminIndex: Number(index), ...derived }
}

function readSecret(file: string): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new UsageError([`--secret-file is "${file}"; expected a readable file (${why})`])
  }
  const secret = text.replace(/\r?\n$/, '')
  if (secret === '') throw new UsageError([`--secret-file is "${file}"; expected a file that holds a secret`])
  return secret
}
