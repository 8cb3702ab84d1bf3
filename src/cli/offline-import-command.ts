import { importOffline, type OfflineImportResult } from './offline-import.ts'
import { startProgress } from './progress.ts'
import { openRejects } from './rejects.ts'

const interruptedExitCode = 130
const notImported = { responseCode: 0 }

/** `erji import --offline`: shows how far it is, what was refused and what came of it. */
export async function runOfflineImport(
  file: string,
  flags: { readonly offline: string; readonly overwrite: boolean; readonly rejects?: string },
): Promise<void> {
  await using rejects = await openRejects(flags.rejects)
  const progress = startProgress('records', undefined)
  const stop = new AbortController()
  const interrupt = (): void => stop.abort()
  process.once('SIGINT', interrupt)
  let result: OfflineImportResult
  try {
    result = await importOffline({
      file,
      directory: flags.offline,
      overwrite: flags.overwrite,
      signal: stop.signal,
      settled: (lines) => progress.add(lines),
      refused: (line, why) => rejects.add(`line ${line}`, { ...notImported, message: why }),
    })
  } finally {
    process.removeListener('SIGINT', interrupt)
    progress.stop()
  }
  process.stderr.write(summaryOf(result))
  if (result.refused > 0) process.exitCode = 1
  if (!stop.signal.aborted) return
  process.stderr.write('stopped: what is written is kept; run it again to go on\n')
  process.exitCode = interruptedExitCode
}

function summaryOf(result: OfflineImportResult): string {
  const { created, replaced, identical, refused, skippedLines, prefixesNotHomed } = result
  const lines = [`${created} created, ${replaced} replaced, ${identical} there already, ${refused} refused`]
  if (skippedLines > 0) lines.push(`${skippedLines} lines were settled before an interruption`)
  if (prefixesNotHomed.length > 0) {
    lines.push(`start the node with --prefix ${prefixesNotHomed.join(' --prefix ')} to answer for them`)
  }
  return `${lines.join('\n')}\n`
}
