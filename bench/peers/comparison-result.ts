import { readableJson, writeResult } from '../report/result-files.ts'

/** Writes one comparison as JSON and Markdown under a name of its own, shows the Markdown and names both files. */
export async function writeComparison(result: {
  readonly name: string
  readonly out: string
  readonly startedAt: string
  readonly document: Readonly<Record<string, unknown>>
  readonly markdown: string
}): Promise<void> {
  const command = [`bench:${result.name}`, ...process.argv.slice(2)]
  const document = { startedAt: result.startedAt, command, ...result.document }
  const paths = await writeResult({
    ...{ directory: result.out, startedAt: result.startedAt, name: result.name },
    files: [
      ['.json', () => readableJson(document)],
      ['.md', () => result.markdown],
    ],
  })
  process.stdout.write(`${result.markdown}\n${paths.join('\n')}\n`)
}
