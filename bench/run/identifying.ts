import { readFileSync } from 'node:fs'
import { UsageError } from '../cli/flags.ts'
import type { Credentials } from '../target/index.ts'
import { type PresetName, presets } from '../workload/presets/index.ts'
import type { Preset } from '../workload/presets/preset.ts'
import type { RecordGeneratorOptions } from '../workload/record-generator.ts'
import { parseRecordSizes, type RecordSizes } from '../workload/record-sizes.ts'

/** Which identifiers a command writes, and as whom. */
export type Identifying = {
  readonly prefix: string
  readonly seed: number
  readonly user?: string | undefined
  readonly secretFile?: string | undefined
  readonly recordAdmin: boolean
  readonly prefixes?: number
  /** As a flag takes it. */
  readonly recordSizes?: string
  readonly preset?: PresetName
}

/** Who writes: the administrator of the prefix unless another is named; nobody without a secret. @throws UsageError */
export function credentialsOf({ prefix, user, secretFile }: Identifying): Credentials | undefined {
  if (secretFile === undefined) return undefined
  return { user: user ?? `300:${prefix}/ADMIN`, secret: readSecret(secretFile) }
}

/** The generated records that the flags describe. */
export function recordsOf(flags: Identifying): RecordGeneratorOptions {
  const { prefix, seed, user, recordAdmin, prefixes } = flags
  const sizes = sizesOf(flags)
  const derived = {
    ...(prefixes === undefined ? {} : { derivedPrefixes: prefixes }),
    ...(sizes === undefined ? {} : { sizes }),
  }
  if (!recordAdmin) return { prefix, seed, toleratesAddedAdmin: true, ...derived }
  const [index = '', ...handle] = (user ?? `300:${prefix}/ADMIN`).split(':')
  return { prefix, seed, adminHandle: handle.join(':'), adminIndex: Number(index), ...derived }
}

function sizesOf({ recordSizes = 'plain', preset }: Identifying): RecordSizes | undefined {
  if (recordSizes !== 'preset') return parseRecordSizes(recordSizes)
  const own: Preset | undefined = preset === undefined ? undefined : presets[preset]
  if (own?.recordSizes !== undefined) return own.recordSizes
  throw new UsageError([
    `--record-sizes is "preset" with --preset "${preset}", which has none; expected one that has, plain or a distribution`,
  ])
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
