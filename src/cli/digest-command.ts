import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { Command } from 'commander'
import { StartupError } from '../errors.ts'
import { openInput } from './compression.ts'

/** What two exports have to agree on to hold the same records. */
export type ExportDigest = {
  readonly records: number
  readonly sampled: number
  /** SHA-256 over the sampled records in their order, which every store exports alike, without the times of writing. */
  readonly sha256: string
}

/** `erji digest`: whether two exports hold the same, such as that of a node before and after it moved to another store. */
export function digestCommand(): Command {
  return new Command('digest')
    .description('count the records of an export and digest a sample of them, to compare two nodes')
    .argument('[file]', 'what erji export wrote, - for standard input', '-')
    .option('--sample <share>', 'share of the handles that go into the digest, the same in every export', '1')
    .action(async (file: string, { sample }: { sample: string }) => {
      const share = Number(sample)
      if (!(share > 0 && share <= 1)) {
        throw new StartupError(
          'CONFIG_INVALID',
          `--sample is "${sample}"; expected a share above 0 and up to 1`,
        )
      }
      process.stdout.write(`${JSON.stringify(await digestOf(file, share))}\n`)
    })
}

/** @throws StartupError for a file that cannot be read or is no export. */
export async function digestOf(file: string, share: number): Promise<ExportDigest> {
  const { stream, raw } = openInput(file)
  const broken = Promise.withResolvers<never>()
  for (const part of [stream, raw]) {
    part.once('error', (cause) => broken.reject(unreadable(file, cause.message)))
  }
  try {
    return await Promise.race([digestLines(stream, { file, share }), broken.promise])
  } finally {
    raw.destroy()
  }
}

async function digestLines(
  stream: NodeJS.ReadableStream,
  { file, share }: { readonly file: string; readonly share: number },
): Promise<ExportDigest> {
  const digest = createHash('sha256')
  let records = 0
  let sampled = 0
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line === '') continue
    records++
    const { handle, values } = parsed(line, { file, line: records })
    const chance = createHash('sha256').update(handle).digest().readUInt32BE(0) / 2 ** 32
    if (chance >= share) continue
    sampled++
    digest.update(`${JSON.stringify([handle, values.map(untimed)])}\n`)
  }
  return { records, sampled, sha256: digest.digest('hex') }
}

type Exported = { readonly handle: string; readonly values: readonly Readonly<Record<string, unknown>>[] }

function parsed(line: string, at: { readonly file: string; readonly line: number }): Exported {
  try {
    const record: Partial<Exported> = JSON.parse(line)
    if (typeof record.handle === 'string' && Array.isArray(record.values)) return record as Exported
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw unreadable(at.file, `line ${at.line} is no record with "handle" and "values"`)
}

/** An import gives new times. */
function untimed({ timestamp: _timestamp, ...value }: Readonly<Record<string, unknown>>) {
  return value
}

function unreadable(file: string, why: string): StartupError {
  return new StartupError('CONFIG_INVALID', `"${file}" cannot be read: ${why}`)
}
