import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { javaClientDirectory } from '../../scripts/install-java-client.ts'

const run = promisify(execFile)
const source = fileURLToPath(new URL('HandleSession.java', import.meta.url))

/** Compiles and runs the session of a user of the reference client; returns the outcome of each step by name. */
export async function runJavaSession(options: {
  readonly port: number
  readonly prefix: string
  readonly secretFile: string
}): Promise<Record<string, string>> {
  const classes = await mkdtemp(join(tmpdir(), 'erji-java-'))
  const jars = join(javaClientDirectory, '*')
  try {
    await run('javac', ['-cp', jars, '-d', classes, source])
    const session = ['HandleSession', String(options.port), options.prefix, options.secretFile]
    const { stdout } = await run('java', ['-cp', `${classes}:${jars}`, ...session])
    return Object.fromEntries(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split('\t')),
    )
  } finally {
    await rm(classes, { recursive: true, force: true })
  }
}
