import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Writes one comparison as JSON and Markdown under a name of its own, shows the Markdown and names both files. */
export function writeComparison(result: {
  readonly name: string
  readonly out: string
  readonly startedAt: string
  readonly document: Readonly<Record<string, unknown>>
  readonly markdown: string
}): void {
  mkdirSync(result.out, { recursive: true })
  const stem = join(
    result.out,
    `${result.startedAt.replace(/\.\d+/, '').replaceAll(':', '-')}-${result.name}`,
  )
  const command = [`bench:${result.name}`, ...process.argv.slice(2)]
  const document = { startedAt: result.startedAt, command, ...result.document }
  writeFileSync(`${stem}.json`, `${JSON.stringify(document, undefined, 2)}\n`)
  writeFileSync(`${stem}.md`, result.markdown)
  process.stdout.write(`${result.markdown}\n${stem}.json\n${stem}.md\n`)
}
